/** The rules that are held against what the manager keeps: after each of its acts, and when the world ends. */
import { RoaringBitmap32 } from "roaring-wasm";
import { contextOf, judge } from "../../src/after-action/index.ts";
import { verifyLedger } from "../../src/campaign/ledger.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { CampaignStore } from "../../src/campaign/ports.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { StoredVerdict, VerdictName } from "../../src/fleet/verdict.ts";
import type { SimManager } from "./sim-manager.ts";
import type { Truth } from "./truth.ts";
import { CAMPAIGN_ID } from "./operators.ts";
import type { World } from "./world.ts";
import { must } from "./violation.ts";

/** A gateway that has asked within this time knows all orders. */
const FRESH_MS = 30_000;
/** Longer than the slowest pace needs for everybody. */
const STANDING_MS = 300_000;

/** Each wave was ordered once, one after the other, and the campaign says so too. */
export function checkOrders(store: CampaignStore, campaign: Campaign): void {
  const waves = store.ordersAfter(0).flatMap(({ campaignId, wave }) => (campaignId === campaign.id && wave !== undefined ? [wave] : []));
  const isInOrder = waves.every((wave, index) => wave === index) && waves.length === campaign.wave + 1;
  must(isInOrder, "each wave once, in order", () => `waves ${waves.join(", ")} were ordered; the campaign stands at ${campaign.wave}`);
}

/** Harm is bounded: what the rules allow of all waves but the last, and the last one whole. */
export function checkHarm(campaign: Campaign, truth: Truth): void {
  const { waves, wave, permit } = campaign;
  const counts = waves.slice(0, wave + 1).map(({ count }) => count);
  const last = counts.at(-1) ?? 0;
  const before = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
  const shareMax = permit.halt.failed_share_max + permit.halt.missing_share_max;
  const most = before * shareMax + last;
  must(
    truth.harmed <= most,
    "never beyond the halt threshold by more than one wave",
    () => `${truth.harmed} devices are harmed after wave ${wave}; ${before} before it and ${last} in it allow ${Math.floor(most)}`,
  );
}

/** No verdict claims what the truth denies; anybody may know less than it. */
const FITS: { readonly [verdict in VerdictName]?: readonly string[] } = {
  verified: ["updated"],
  reported: ["updated"],
  "rolled-back": ["rolled back"],
};

/** Every device of the cohort has exactly one verdict, and none of them lies. */
export function checkVerdicts(manager: SimManager, campaign: Campaign, truth: Truth, nowMs: number): readonly StoredVerdict[] {
  const verdicts = judgeAll(manager, campaign, nowMs);
  const cohort = manager.campaigns.cohort(campaign.id);
  const judged = new RoaringBitmap32(verdicts.map(({ ordinal }) => ordinal));
  const isWhole = verdicts.length === campaign.targeted && judged.isEqual(cohort);
  must(isWhole, "every device has one verdict", () => `${verdicts.length} verdicts for ${judged.size} of ${campaign.targeted} devices`);
  for (const { ordinal, verdict, because } of verdicts) {
    const fits = FITS[verdict];
    must(
      fits === undefined || fits.includes(truth.fate(ordinal)),
      "no verdict says more than the truth",
      () => `device ${ordinal} is ${truth.fate(ordinal)}, and the verdict is ${verdict}: ${because}`,
    );
  }
  return verdicts;
}

function judgeAll({ fleet, campaigns }: SimManager, campaign: Campaign, nowMs: number): readonly StoredVerdict[] {
  const cohort = campaigns.cohort(campaign.id);
  const byOrdinal = new Map<number, Evidence[]>();
  for (const item of fleet.evidence(cohort, 0)) {
    const known = byOrdinal.get(item.ordinal);
    if (known === undefined) byOrdinal.set(item.ordinal, [item]);
    else known.push(item);
  }
  const context = contextOf({ campaign, orders: [], ledger: { decidedMs: campaign.createdMs } }, nowMs, 600_000);
  return cohort.toArray().map((ordinal) => judge({ ordinal }, byOrdinal.get(ordinal) ?? [], context));
}

/** Whoever of the waves that went out stands at a gateway that works was sent to. */
export function checkServed(world: World): void {
  const { manager, network, truth, time } = world;
  const campaign = manager.campaigns.get(CAMPAIGN_ID);
  if (campaign === undefined || campaign.wave < 0 || !["canary", "sending", "soaking", "done"].includes(campaign.state)) return;
  const ordered = RoaringBitmap32.orMany(
    campaign.waves.slice(0, campaign.wave + 1).map(({ index }) => manager.campaigns.wave(campaign.id, index)),
  );
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

export function checkLedger(store: CampaignStore): void {
  const check = verifyLedger(store.ledger());
  must(check.ok, "the ledger is whole", () => (check.ok ? "" : check.message));
}
