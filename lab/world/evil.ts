/**
 * Those who mean harm and hold a part of the system: a gateway with its channels, or the manager's database. Neither holds a key that a
 * device obeys. What they can do all the same is counted, not forbidden: see docs/simulation.md.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { OrderRow } from "../../src/campaign/ports.ts";
import { encodeRequest } from "../../src/openc2/index.ts";
import { digestOf, IMAGE, imageBytes, MODEL, OLD_VERSION, SOURCE, VENDOR } from "./catalogue.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { decide } from "./decisions.ts";
import { CAMPAIGN_ID } from "./operators.ts";
import { signedBy } from "./people.ts";
import { MINUTE_MS } from "./settings.ts";
import type { SimGateway } from "./sim-gateway.ts";
import type { World } from "./world.ts";

const EVIL_ID = "evil_campaign";
const ROUNDS = 20;

export async function plantEvil(world: World): Promise<void> {
  const { settings } = world;
  const { evilGateway, evilDatabase } = settings.faults;
  if (!evilGateway && !evilDatabase) return;
  const forged = await forgeries(world);
  if (evilGateway) plantGateway(world, forged);
  if (evilDatabase) plantDatabase(world, forged, world.chance("when evil rows") * 30 * MINUTE_MS);
}

/** Whoever has one key of two writes orders into the database, speaks through a gateway, and can do the one thing that one may: stop. */
export function seizeKey(world: World): void {
  useKey(world).catch((error: unknown) => world.time.fail(error));
}

async function useKey(world: World): Promise<void> {
  const { approver } = world.people;
  const forged = await forgeries(world, approver);
  plantDatabase(world, forged, 0);
  speak(world, forged, 0);
  world.time.in(5 * MINUTE_MS, () => decide(world, "stop"));
}

/** An update to an image that nobody published: signed by one of two, by a stranger, and by nobody at all. */
async function forgeries(world: World, thief: Signer = world.people.author): Promise<readonly string[]> {
  const { stranger } = world.people;
  const { length: size } = imageBytes(IMAGE.forged);
  const software = {
    vendor: VENDOR,
    name: MODEL,
    old_version: OLD_VERSION,
    new_version: "6.6.6",
    source: SOURCE,
    size,
    hashes: { sha256: digestOf(IMAGE.forged) },
  };
  const command = {
    action: "update",
    target: { "x-swup:software": software },
    args: { response_requested: "none", "x-swup": { not_after: world.endMs } },
    command_id: EVIL_ID,
  } as const;
  const payload = encodeRequest({ created: world.time.nowMs(), from: "isp.example" }, command);
  const byOne = await signedBy(payload, "command", [thief]);
  const byStranger = await signedBy(payload, "command", [thief, stranger]);
  const { payload: text } = JSON.parse(byOne) as { readonly payload: string };
  return [byOne, byStranger, JSON.stringify({ payload: text, signatures: [] })];
}

/** It sends forgeries, plays old commands again and to others, and keeps some of what it should pass on. */
function plantGateway(world: World, forged: readonly string[]): void {
  const { network, time, settings } = world;
  world.evil = network.gateways[0];
  for (let round = 0; round < ROUNDS; round += 1) {
    // The last of them after the permit's end.
    time.at(world.beginMs + ((round + 1) / (ROUNDS - 1)) * (settings.windowMs + MINUTE_MS), () =>
      speak(world, [...forged, ...world.heardByEvil], round),
    );
  }
}

/** What the first gateway's channels carry need not come from its order book. */
function speak({ network, chance, log, frames, truth }: World, texts: readonly string[], round: number): void {
  const [gateway] = network.gateways;
  if (gateway === undefined) return;
  log.note("is up to something", gateway.name, String(round));
  for (const channel of channelsOf(gateway)) {
    const text = texts[Math.floor(chance("which evil", channel.ordinal, round) * texts.length)];
    if (text === undefined || chance("to whom", channel.ordinal, round) >= 0.3) continue;
    truth.misled.add(channel.ordinal);
    network.deliver(channel, frames.of(new TextEncoder().encode(text)));
  }
}

function channelsOf(gateway: SimGateway) {
  return [...gateway.all()].filter(({ isOpen }) => isOpen);
}

/** It writes "approved" into a campaign that nobody signed, and orders of its own into the log. */
function plantDatabase(world: World, forged: readonly string[], delayMs: number): void {
  const { manager, time, log, truth } = world;
  time.in(delayMs, () => {
    log.note("is written into", "database");
    const { campaigns } = manager;
    const { campaign } = world;
    const [byOne = ""] = forged;
    const cohort = campaigns.cohort(CAMPAIGN_ID);
    const everybody = RoaringBitmap32.fromRange(0, world.settings.devices);
    const unsigned = { canary: byOne, mass: byOne, query: byOne, permit: byOne };
    campaigns.put({
      ...campaign,
      id: EVIL_ID,
      // Of a software of its own, or it would wait for the genuine campaign.
      request: { ...campaign.request, name: EVIL_ID },
      state: "approved",
      signed: unsigned,
      signedBy: ["anna@isp.example", "bert@isp.example"],
      wave: -1,
    });
    campaigns.putCohort(EVIL_ID, everybody);
    campaigns.putWaves(
      EVIL_ID,
      campaign.waves.map(({ index }) => (index === 0 ? everybody : new RoaringBitmap32())),
    );
    const { notAfterMs, ratePerSecond } = { notAfterMs: world.endMs, ratePerSecond: 1_000_000 };
    const base = {
      campaignId: CAMPAIGN_ID,
      kind: "send",
      message: "mass",
      commandId: campaign.commandIds.mass,
      ratePerSecond,
      notAfterMs,
      atMs: time.nowMs(),
    } as const;
    const outside = RoaringBitmap32.andNot(everybody, cohort).toArray();
    const order = (targets: RoaringBitmap32, change: Partial<OrderRow> = {}) =>
      campaigns.addOrder({ ...base, statement: campaign.signed.mass, targets: targets.serialize("portable"), ...change });
    const { newcomers } = campaign.permit;
    // Wider than the cohort; another command under the permit of this campaign.
    if (outside.length > (newcomers?.count_max ?? 0)) order(everybody);
    order(cohort, { commandId: EVIL_ID, statement: byOne });
    if (newcomers !== undefined) {
      // One more than people signed, and as many as that, whether they match or not.
      for (const count of [newcomers.count_max + 1, newcomers.count_max]) order(RoaringBitmap32.from(outside.slice(0, count)));
      truth.isForged = true;
      for (const ordinal of outside) truth.misled.add(ordinal);
    }
    world.nudge();
  });
}
