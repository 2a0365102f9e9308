/** The rules that are held against what the manager keeps: after each of its acts, and when the world ends. */
import { RoaringBitmap32 } from "roaring-wasm";
import { contextOf, judge } from "../../src/after-action/index.ts";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import type { Campaign, Wave } from "../../src/campaign/campaign.ts";
import { joinedCount, joinedWaves, membersOf, newcomersRequest } from "../../src/campaign/newcomers.ts";
import { firstToBeDone } from "../../src/campaign/overlap.ts";
import { joinNewcomers } from "../../src/campaign/plan-newcomers.ts";
import type { CampaignStore } from "../../src/campaign/ports.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { StoredVerdict, VerdictName } from "../../src/fleet/verdict.ts";
import { MODEL, OLD_VERSION, TENANT } from "./catalogue.ts";
import type { SimChannel } from "./sim-channel.ts";
import type { SimManager } from "./sim-manager.ts";
import type { Truth } from "./truth.ts";
import { CAMPAIGN_ID } from "./operators.ts";
import { STOP_ID } from "./stopping.ts";
import type { World } from "./world.ts";
import { must } from "./violation.ts";

/** A gateway that has asked within this time knows all orders. */
const FRESH_MS = 30_000;
/** Longer than the slowest pace needs for everybody. */
const STANDING_MS = 300_000;
/** Longer than the slowest turn of the clockwork and the time between two looks for newcomers. */
const LOOKED_MS = 120_000;

/** Each wave was ordered once, one after the other, and the campaign says so too. */
export function checkOrders(store: CampaignStore, campaign: Campaign): void {
  const waves = store.ordersAfter(0).flatMap(({ campaignId, wave }) => (campaignId === campaign.id && wave !== undefined ? [wave] : []));
  const isInOrder = waves.every((wave, index) => wave === index) && waves.length === campaign.wave + 1;
  must(isInOrder, "each wave once, in order", () => `waves ${waves.join(", ")} were ordered; the campaign stands at ${campaign.wave}`);
}

/** Whoever joined with a wave matches, this very moment, what people signed, and was no member before. */
export function checkJoined({ fleet, campaigns }: SimManager, campaign: Campaign, truth: Truth): void {
  const waves = joinedWaves(campaign);
  if (joinedCount(campaign) === truth.joined.size) return;
  const cohort = campaigns.cohort(campaign.id);
  for (const ordinal of campaigns.wave(campaign.id, waves.at(-1)?.index ?? -1)) {
    const device = fleet.byOrdinal(ordinal);
    const isMatch =
      device?.name === MODEL && device.version === OLD_VERSION && device.tenant === TENANT && device.subscribed && !device.optedOut;
    const isNew = !cohort.has(ordinal) && !truth.joined.has(ordinal);
    must(isMatch && isNew, "only newcomers that match join", () => `device ${ordinal} joins: ${JSON.stringify(device)}`);
    truth.joined.add(ordinal);
  }
  const most = campaign.permit.newcomers?.count_max ?? 0;
  must(truth.joined.size <= most, "only newcomers that match join", () => `${truth.joined.size} joined, people signed ${most}`);
}

/** Harm is bounded: what the rules allow of all waves but the last, and the last one whole. */
export function checkHarm(campaign: Campaign, truth: Truth): void {
  const { waves, wave, permit } = campaign;
  const counts = waves.slice(0, wave + 1).map(({ count }) => count);
  const last = counts.at(-1) ?? 0;
  const before = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
  const shareMax = permit.halt.failed_share_max + permit.halt.missing_share_max;
  const most = before * shareMax + last;
  const harmed = campaign.id === STOP_ID ? truth.cutOff : truth.harmed;
  must(
    harmed <= most,
    "never beyond the halt threshold by more than one wave",
    () => `${harmed} devices are harmed after wave ${wave}; ${before} before it and ${last} in it allow ${Math.floor(most)}`,
  );
}

/** No verdict claims what the truth denies; anybody may know less than it. */
const FITS: { readonly [verdict in VerdictName]?: readonly string[] } = {
  verified: ["updated"],
  reported: ["updated"],
  "rolled-back": ["rolled back"],
};

/** Longer than an answer is under way, in the slowest network. */
const ANSWER_MS = 60_000;

/** Of a stop: that the process ran all the while. */
function isLie({ ordinal, verdict, evidenceAtMs = 0 }: StoredVerdict, { id }: Campaign, truth: Truth, process = ""): boolean {
  if (id !== STOP_ID) return FITS[verdict]?.includes(truth.fate(ordinal)) === false;
  return (verdict === "verified" || verdict === "reported") && truth.hasRunSince(ordinal, process, evidenceAtMs - ANSWER_MS);
}

/** Every device of the campaign has exactly one verdict, and none of them lies. `process`: what a stop is about. */
export function checkVerdicts(
  manager: SimManager,
  campaign: Campaign,
  truth: Truth,
  nowMs: number,
  process?: string,
): readonly StoredVerdict[] {
  const verdicts = judgeAll(manager, campaign, nowMs);
  const all = new RoaringBitmap32(verdicts.map(({ ordinal }) => ordinal));
  const isWhole = verdicts.length === campaign.targeted && all.isEqual(membersOf(manager.campaigns, campaign));
  must(isWhole, "every device has one verdict", () => `${verdicts.length} verdicts for ${all.size} of ${campaign.targeted} devices`);
  for (const judged of verdicts) {
    const { ordinal, verdict, because } = judged;
    must(
      !isLie(judged, campaign, truth, process),
      "no verdict says more than the truth",
      () => `device ${ordinal} is ${truth.fate(ordinal)}, and the verdict of ${campaign.id} is ${verdict}: ${because}`,
    );
  }
  return verdicts;
}

function judgeAll({ fleet, campaigns }: SimManager, campaign: Campaign, nowMs: number): readonly StoredVerdict[] {
  const members = membersOf(campaigns, campaign);
  const byOrdinal = new Map<number, Evidence[]>();
  for (const item of fleet.evidence(members, 0)) {
    const known = byOrdinal.get(item.ordinal);
    if (known === undefined) byOrdinal.set(item.ordinal, [item]);
    else known.push(item);
  }
  const context = contextOf({ campaign, orders: [], ledger: { decidedMs: campaign.createdMs } }, nowMs, 600_000);
  return members.toArray().map((ordinal) => judge({ ordinal }, byOrdinal.get(ordinal) ?? [], context));
}

export function checkServed(world: World): void {
  for (const campaign of world.campaigns) checkOrdered(world, campaign);
  checkNobodyWaits(world);
}

/** Whoever of the waves that went out stands at a gateway that works was sent to. */
function checkOrdered(world: World, campaign: Campaign): void {
  const { manager, network, truth, time } = world;
  if (campaign.wave < 0 || !["canary", "sending", "soaking", "done"].includes(campaign.state)) return;
  // Of what was forged newcomers may have found no place left; who joined a moment ago is on the way.
  const isOrdered = ({ index, isJoined }: Wave) =>
    index <= campaign.wave && !(isJoined && (truth.isForged || time.nowMs() - campaign.waveAtMs < STANDING_MS));
  const ordered = RoaringBitmap32.orMany(campaign.waves.filter(isOrdered).map(({ index }) => manager.campaigns.wave(campaign.id, index)));
  const reached = truth.reachedBy(campaign.id);
  for (const gateway of network.gateways) {
    if (!gateway.isUp || time.nowMs() - gateway.askedMs > FRESH_MS) continue;
    for (const { ordinal, isReady, openedMs } of gateway.all()) {
      const isDue = isReady && ordered.has(ordinal) && time.nowMs() - openedMs > STANDING_MS;
      must(
        !isDue || reached.has(ordinal) || truth.hasActed(ordinal),
        "everyone is served or accounted for",
        () => `device ${ordinal} stands at ${gateway.name} and was never sent its command`,
      );
    }
  }
}

/** Nobody who stands and matches is left out while places are left, a wave could go, and nothing has hindered the manager for a while. */
function checkNobodyWaits(world: World): void {
  const { manager, time, idleSinceMs } = world;
  const campaign = manager.campaigns.get(CAMPAIGN_ID);
  const newcomers = campaign?.permit.newcomers;
  if (campaign === undefined || newcomers === undefined || !(time.nowMs() - (idleSinceMs ?? Infinity) > LOOKED_MS)) return;
  // The stop that it comes after may have been taken up again, and have halted: then nobody joins, and `edict status` says so.
  if (firstToBeDone(campaign, manager.campaigns.list()) !== undefined) return;
  const waiting = manager.fleet.select(newcomersRequest(campaign, newcomers), time.nowMs()).selected;
  waiting.andInPlace(standing(world));
  waiting.andNotInPlace(membersOf(manager.campaigns, campaign));
  // Sales are over by now: who waits has waited.
  const isLate = joinNewcomers(campaign, waiting, time.nowMs() - LOOKED_MS).length > 0;
  must(!isLate, "everyone is served or accounted for", () => `${waiting.size} devices match, and none of them joins`);
}

/** For a while, and as far as the manager can know: gateways here do not tell one that starts anew who stands. */
function standing({ network, time, manager }: World): RoaringBitmap32 {
  const isLong = ({ isReady, openedMs }: SimChannel) => isReady && time.nowMs() - openedMs > STANDING_MS;
  const gateways = network.gateways.filter(({ isUp, askedMs }) => isUp && time.nowMs() - askedMs <= FRESH_MS);
  const long = gateways.flatMap((gateway) => [...gateway.all()].filter(isLong).map(({ ordinal }) => ordinal));
  return RoaringBitmap32.and(RoaringBitmap32.from(long), manager.live?.presence.connected ?? new RoaringBitmap32());
}

export function checkLedger(store: CampaignStore): void {
  const check = verifyLedger(store.ledger());
  must(check.ok, "the ledger is whole", () => (check.ok ? "" : check.message));
}
