/**
 * Holds an order against its permit. The manager is not trusted here: its database may say anything, only what two people
 * signed is sent, to those they signed for. Throws TrustError or ChannelError; then nothing is sent and an alarm goes up.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import { type JsonObject, readJson } from "../../openc2/index.ts";
import type { Director } from "../../trust/director.ts";
import { COMMAND_FRAME_BYTES_MAX } from "../../trust/limits.ts";
import { sha256Hex, type VerifiedPermit, verifyPermit, verifyStatement } from "../../trust/verify/index.ts";
import type { SendOrder } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";

export interface CheckedOrder {
  readonly permit: VerifiedPermit;
  readonly targets: RoaringBitmap32;
  readonly sent: RoaringBitmap32;
  /** One person's word is enough, and a hold does not hold it back. */
  readonly isStopping: boolean;
}

interface Terms {
  readonly director: Director;
  readonly nowMs: number;
  /** Everybody whom this campaign's orders were for so far. */
  readonly reached: RoaringBitmap32;
  /** This campaign's permit as it was verified when its first order came. */
  readonly licence: VerifiedPermit | undefined;
}

export async function checkOrder(order: SendOrder, terms: Terms): Promise<CheckedOrder> {
  const { director, reached } = terms;
  const permit = await permitOf(order, terms);
  if (permit.campaign_id !== order.campaignId)
    throw new ChannelError("ERR_CHANNEL_ORDER", `the permit is for the campaign ${permit.campaign_id}`);
  const isStopping = !permit.commands.includes(await sha256Hex(payloadOf(order.frame)));
  // Not named in the permit: only a command that stops things may be sent all the same.
  if (isStopping) await checkStopping(order.frame, director);
  if ((await sha256Hex(order.cohort)) !== permit.cohort_sha256) {
    throw new ChannelError("ERR_CHANNEL_WIDENED", "the cohort is not the one that was signed");
  }
  const cohort = readBitmap(order.cohort);
  const targets = readBitmap(order.targets);
  const sent = readBitmap(order.sent);
  checkCounts(permit, cohort, RoaringBitmap32.orMany([targets, sent, reached]));
  return { permit, targets, sent, isStopping };
}

/** `everybody` is over all orders of the campaign. Whether newcomers match what people signed is not known here; how many they are is. */
function checkCounts({ count_max: countMax, newcomers }: VerifiedPermit, cohort: RoaringBitmap32, everybody: RoaringBitmap32): void {
  const widened = (why: string) => new ChannelError("ERR_CHANNEL_WIDENED", why);
  const count = everybody.andCardinality(cohort);
  const outside = everybody.size - count;
  if (outside > (newcomers?.count_max ?? 0))
    throw widened(
      newcomers ? `${outside} newcomers, the permit allows ${newcomers.count_max}` : "the order is for devices outside the cohort",
    );
  if (count > countMax) throw widened(`${count} devices, the permit allows ${countMax}`);
}

/**
 * A permit that has ended, or whose signers have lost their say since, licenses nothing but what calls its own campaign off: just
 * then that must go out.
 */
async function permitOf({ permit, frame }: SendOrder, { director, nowMs, licence }: Terms): Promise<VerifiedPermit> {
  try {
    return await verifyPermit(permit, { director, nowMs });
  } catch (cause) {
    if (licence === undefined) throw cause;
    await checkStopping(frame, director).catch(() => {
      throw cause;
    });
    return licence;
  }
}

/** Throws ERR_CHANNEL_ORDER for bytes that are no bitmap. */
export function readBitmap(bytes: Uint8Array): RoaringBitmap32 {
  try {
    return RoaringBitmap32.deserialize("portable", bytes);
  } catch (cause) {
    throw new ChannelError("ERR_CHANNEL_ORDER", "the order's set of devices cannot be read", { cause });
  }
}

async function checkStopping(frame: Uint8Array, director: Director): Promise<void> {
  try {
    await verifyStatement(frame, { director, statement: "stopping-command" });
  } catch (cause) {
    throw new ChannelError(
      "ERR_CHANNEL_COMMAND",
      "the permit does not name this command, and it is not a signed command that stops things",
      {
        cause,
      },
    );
  }
}

/** The signed payload; whether its signatures hold is for the device to verify, and for the permit to vouch. */
function payloadOf(frame: Uint8Array): Uint8Array {
  try {
    const { payload } = readJson(frame, { bytesMax: COMMAND_FRAME_BYTES_MAX }) as JsonObject;
    if (typeof payload === "string") return Uint8Array.fromBase64(payload, { alphabet: "base64url" });
  } catch (cause) {
    throw new ChannelError("ERR_CHANNEL_ORDER", "the order carries no signed command", { cause });
  }
  throw new ChannelError("ERR_CHANNEL_ORDER", "the order carries no signed command");
}
