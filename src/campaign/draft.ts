/**
 * Makes a campaign out of a command and the waves of a cohort: freezes the cohort, drafts the three messages and the
 * permit that binds their bytes. Nothing is sent and nothing is signed here; nothing is kept either (keep-draft.ts does).
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { CohortRequest } from "../fleet/cohort.ts";
import type { Command } from "../openc2/model.ts";
import type { HaltRules, Permit } from "../trust/permit.ts";
import { sha256Hex } from "../trust/verify/index.ts";
import type { Campaign, CampaignMessages, Ladder, Wave } from "./campaign.ts";
import { kindOf } from "./commands/index.ts";
import { CampaignError } from "./errors.ts";
import { checkHours, type Hours } from "./hours.ts";
import { NEWCOMERS_MAX, PERMIT_WINDOW_MAX_MS } from "./limits.ts";
import { type DraftedMessages, draftMessages } from "./messages.ts";
import { criteriaOf } from "./newcomers.ts";
import type { Overrides } from "./policy.ts";
import { describeWaves } from "./wave-order.ts";

export interface DraftInput {
  /** As the operator wrote it: response_requested none, with a command_id, which becomes the campaign's id. */
  readonly command: Command;
  readonly request: CohortRequest;
  /** Of an update: the manufacturer's counter of the new version. */
  readonly releaseCounter?: number;
  /** The selected devices, ordered by the command's id (`orderWaves`). */
  readonly waves: readonly RoaringBitmap32[];
  /** The person who drafts: the first who must sign. */
  readonly author: string;
  /** The OpenC2 producer whose command this is, when it is not the author's own. */
  readonly orderedBy?: string;
  readonly overrides?: Overrides;
  readonly playbook?: string;
  readonly after?: string;
  readonly priority?: number;
  readonly hours?: Hours;
  /** Devices that appear later and match the request may join, so many at the most. */
  readonly newcomersMax?: number;
  /** The director's name, for the envelope's `from`. */
  readonly from: string;
  readonly ladder: Ladder;
  /** Solved by the dry run, or given. */
  readonly spreadMs: number;
  readonly ratePerSecond: number;
  readonly halt: HaltRules;
  readonly nowMs: number;
  /** Absent means now. ms since the epoch */
  readonly notBeforeMs?: number;
  /** ms since the epoch */
  readonly notAfterMs: number;
}

export interface Draft {
  readonly campaign: Campaign;
  readonly cohort: RoaringBitmap32;
  readonly waves: readonly RoaringBitmap32[];
}

/** Throws ERR_CAMPAIGN_COMMAND, ERR_CAMPAIGN_EMPTY, ERR_CAMPAIGN_TERMS, or what openc2 refuses. */
export async function draftCampaign(input: DraftInput): Promise<Draft> {
  checkTerms(input);
  kindOf(input.command).checkRequest(input.request);
  const { waves } = input;
  const messages = draftMessages(input.command, {
    createdMs: input.nowMs,
    from: input.from,
    notAfterMs: input.notAfterMs,
    spreadMs: input.spreadMs,
  });
  const id = messages.commandIds.mass;
  const cohort = RoaringBitmap32.orMany(waves);
  if (cohort.isEmpty) throw new CampaignError("ERR_CAMPAIGN_EMPTY", "the cohort is empty: there is nobody to send to");
  const described = describeWaves(
    waves.map(({ size }) => size),
    input.ladder,
  );
  const campaign: Campaign = {
    id,
    tenant: input.request.tenant,
    state: "draft",
    createdMs: input.nowMs,
    author: input.author,
    ...(input.orderedBy !== undefined && { orderedBy: input.orderedBy }),
    command: messages.command,
    request: input.request,
    ...(input.releaseCounter !== undefined && { releaseCounter: input.releaseCounter }),
    ...(input.overrides !== undefined && { overrides: input.overrides }),
    ...(input.playbook !== undefined && { playbook: input.playbook }),
    ...(input.after !== undefined && { after: input.after }),
    ...(input.priority !== undefined && { priority: input.priority }),
    ...(input.hours !== undefined && { hours: input.hours }),
    ladder: input.ladder,
    waves: described,
    targeted: cohort.size,
    messages: textOf(messages.bytes),
    permit: await draftPermit(input, messages, cohort, described.at(-1)),
    commandIds: messages.commandIds,
    signed: { canary: "", mass: "", query: "", permit: "" },
    wave: -1,
    waveAtMs: 0,
  };
  return { campaign, cohort, waves };
}

async function draftPermit(
  input: DraftInput,
  { bytes, commandIds }: DraftedMessages,
  cohort: RoaringBitmap32,
  last: Wave | undefined,
): Promise<Permit> {
  return {
    campaign_id: commandIds.mass,
    tenant: input.request.tenant,
    commands: await Promise.all([bytes.canary, bytes.mass, bytes.query].map((message) => sha256Hex(message))),
    cohort_sha256: await sha256Hex(cohort.serialize("portable")),
    count_max: cohort.size,
    ...(last?.isControl && { control_count: last.count }),
    ...(input.newcomersMax !== undefined && { newcomers: { count_max: input.newcomersMax, criteria: criteriaOf(input.request) } }),
    rate_max_per_second: input.ratePerSecond,
    not_before: input.notBeforeMs ?? input.nowMs,
    not_after: input.notAfterMs,
    halt: input.halt,
  };
}

function textOf(bytes: DraftedMessages["bytes"]): CampaignMessages {
  const base64url = (message: Uint8Array) => message.toBase64({ alphabet: "base64url", omitPadding: true });
  return { canary: base64url(bytes.canary), mass: base64url(bytes.mass), query: base64url(bytes.query) };
}

function checkTerms({
  nowMs,
  notBeforeMs = nowMs,
  notAfterMs,
  spreadMs,
  ratePerSecond,
  halt,
  hours,
  newcomersMax: newcomers,
}: DraftInput): void {
  if (hours !== undefined) checkHours(hours);
  if (notBeforeMs > nowMs + PERMIT_WINDOW_MAX_MS) refuse(`it would begin in ${notBeforeMs - nowMs} ms; at most in ${PERMIT_WINDOW_MAX_MS}`);
  const windowMs = notAfterMs - notBeforeMs;
  if (!(windowMs > 0 && windowMs <= PERMIT_WINDOW_MAX_MS)) refuse(`the permit would last ${windowMs} ms; at most ${PERMIT_WINDOW_MAX_MS}`);
  if (!(notAfterMs > nowMs)) refuse("the permit would end before it is signed");
  if (!(Number.isInteger(spreadMs) && spreadMs >= 0 && spreadMs < windowMs)) refuse(`a spread of ${spreadMs} ms does not fit the window`);
  if (!(ratePerSecond > 0 && ratePerSecond < Number.POSITIVE_INFINITY)) refuse(`the rate is ${ratePerSecond} commands a second`);
  if (newcomers !== undefined && !(Number.isInteger(newcomers) && newcomers >= 1 && newcomers <= NEWCOMERS_MAX))
    refuse(`${newcomers} newcomers may join`);
  for (const [name, share] of Object.entries(halt)) {
    if (!(share >= 0 && share <= 1)) refuse(`${name} is ${share}; it must be from 0 to 1`);
  }
}

function refuse(message: string): never {
  throw new CampaignError("ERR_CAMPAIGN_TERMS", message);
}
