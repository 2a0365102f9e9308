/**
 * Finding out how many are still exposed by asking some of them (after-action/verification): one verification per campaign. It freezes who is
 * uncertain when it begins, asks them in a stratified order, part by part, and says what the answers amount to. Whoever began it decides
 * when to go on. That somebody is asked is kept in one transaction with the order that asks: after a crash it goes on, and asks nobody twice.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import {
  askingOrder,
  byDevice,
  type Estimate,
  estimateOf,
  isExposed,
  judge,
  type JudgeContext,
  planVerification,
  type VerificationPlan,
  type VerificationWish,
} from "../after-action/index.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { Driver } from "../campaign/driver.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Clock } from "../trust/clock.ts";
import { ServerError } from "./errors.ts";
import { inTurns } from "./in-turns.ts";
import { ANSWER_SHARE_MIN, JUDGED_PER_TURN, QUERY_RATE_PER_SECOND } from "./limits.ts";
import type { LiveView } from "./live-view.ts";
import type { Reports } from "./reports.ts";

/** What has to be remembered of one. */
export interface Verification {
  readonly plan: VerificationPlan;
  /** ms since the epoch */
  readonly begunMs: number;
  /** Ordinals, those first who are asked first. */
  readonly order: Uint32Array<ArrayBuffer>;
  readonly uncertain: RoaringBitmap32;
  /** How many of the order had been asked by then, ascending. ms since the epoch */
  readonly asks: readonly { readonly asked: number; readonly atMs: number }[];
}

/** What is put takes the place of the campaign's last one. */
export interface VerificationStore {
  put(campaignId: string, verification: Verification): void;
  get(campaignId: string): Verification | undefined;
}

interface VerificationPorts {
  readonly verifications: VerificationStore;
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly live: LiveView;
  readonly driver: Driver;
  readonly clock: Clock;
}

export interface VerificationView {
  readonly plan: VerificationPlan;
  /** ms since the epoch */
  readonly begunMs: number;
  /** Of the uncertain, those that have a channel now. */
  readonly connected: number;
  readonly estimate: Estimate;
  /** How many the next ask asks; 0 when all were asked that the plan asks. */
  readonly next: number;
}

export interface StartOptions {
  /** Keeps nothing, and asks nobody later. */
  readonly isDryRun: boolean;
  /** Begins another one, whatever is under way. */
  readonly isAnew: boolean;
}

export class Verifications {
  readonly #ports: VerificationPorts;
  readonly #reports: Reports;

  constructor(ports: VerificationPorts, reports: Reports) {
    this.#ports = ports;
    this.#reports = reports;
  }

  /** Judges the campaign and plans, or takes up one with the same wish that was cut off; asks nobody yet. Throws ERR_AFTER_ACTION_SAMPLE. */
  async start(campaign: Campaign, wish: VerificationWish, { isDryRun, isAnew }: StartOptions): Promise<VerificationView> {
    const { verifications, live, clock } = this.#ports;
    const cutOff = isDryRun || isAnew ? undefined : await this.#cutOff(campaign, wish);
    if (cutOff !== undefined) return cutOff;
    const { targeted } = campaign;
    const report = await this.#reports.report(campaign);
    const uncertain = this.#reports.uncertain(campaign);
    const frame = { targeted, certainlyExposed: report.exposed.atLeast, uncertain: uncertain.size };
    const connected = uncertain.andCardinality(live.presence.connected);
    const answerShare = Math.max(ANSWER_SHARE_MIN, connected / Math.max(1, uncertain.size));
    const plan = planVerification(wish, frame, answerShare);
    const order = Uint32Array.from(this.#order(campaign, uncertain, plan));
    const begun: Verification = { plan, begunMs: clock.nowMs(), order, uncertain, asks: [] };
    if (!isDryRun) verifications.put(campaign.id, begun);
    return this.#view(campaign, begun);
  }

  /** Undefined when there is none, or it was for another wish, or has asked nobody, or has come to its end. */
  async #cutOff(campaign: Campaign, wish: VerificationWish): Promise<VerificationView | undefined> {
    const begun = this.#ports.verifications.get(campaign.id);
    if (begun === undefined || askedOf(begun) === 0 || !isSameWish(begun.plan.wish, wish)) return undefined;
    const view = await this.#view(campaign, begun);
    return view.next > 0 && (wish.isFull || !view.estimate.isEnough) ? view : undefined;
  }

  /** Asks those up to the next look who have a channel; the others are silent. Throws ERR_SERVER_VERIFICATION, ERR_CAMPAIGN_STATE. */
  async ask(campaign: Campaign, ratePerSecond = QUERY_RATE_PER_SECOND): Promise<VerificationView> {
    const { driver, live, clock, verifications } = this.#ports;
    const begun = this.#get(campaign);
    const next = nextOf(begun);
    const asks = [...begun.asks, { asked: askedOf(begun) + next.length, atMs: clock.nowMs() }];
    const keep = () => verifications.put(campaign.id, { ...begun, asks });
    const targets = RoaringBitmap32.and(RoaringBitmap32.from(next), live.presence.connected);
    if (targets.isEmpty) keep();
    else driver.sendQuery(campaign.id, targets, ratePerSecond, keep);
    return this.#view(campaign, { ...begun, asks });
  }

  look(campaign: Campaign): Promise<VerificationView> {
    return this.#view(campaign, this.#get(campaign));
  }

  async #view(campaign: Campaign, verification: Verification): Promise<VerificationView> {
    const { plan, begunMs, uncertain } = verification;
    const connected = uncertain.andCardinality(this.#ports.live.presence.connected);
    return { plan, begunMs, connected, estimate: await this.#estimate(campaign, verification), next: nextOf(verification).length };
  }

  /** Whoever said anything since it was asked has answered, as an answer or as a check-in. */
  async #estimate(campaign: Campaign, verification: Verification): Promise<Estimate> {
    const { fleet, clock } = this.#ports;
    const askedMs = whenAsked(verification);
    const asked = RoaringBitmap32.from(askedMs.keys());
    const context: JudgeContext = this.#reports.context(campaign, clock.nowMs());
    const cases = byDevice(fleet.devices(asked), fleet.evidence(asked, 0));
    let [answered, exposed] = [0, 0];
    for await (const { device, evidence } of inTurns(cases, JUDGED_PER_TURN)) {
      const sinceMs = askedMs.get(device.ordinal) ?? Infinity;
      if (evidence.some((item) => isWord(item) && item.atMs >= sinceMs)) {
        answered += 1;
        if (isExposed(judge(device, evidence, context).verdict)) exposed += 1;
      }
    }
    return estimateOf(verification.plan, { asked: asked.size, answered, exposed });
  }

  /** Stratified by model, version, region and wave. */
  #order(campaign: Campaign, uncertain: RoaringBitmap32, { looks }: VerificationPlan): readonly number[] {
    const { fleet, campaigns, clock } = this.#ports;
    const waves = campaign.waves.map(({ index }) => campaigns.wave(campaign.id, index));
    const kindOf = ({ name, version, region, ordinal }: Device) =>
      JSON.stringify([name, version, region, waves.findIndex((wave) => wave.has(ordinal))]);
    const kinds = new Map<string, number[]>();
    for (const device of fleet.devices(uncertain)) {
      const kind = kindOf(device);
      const known = kinds.get(kind);
      if (known === undefined) kinds.set(kind, [device.ordinal]);
      else known.push(device.ordinal);
    }
    return askingOrder(kinds.values(), looks.at(-1) ?? 0, `${campaign.id} ${clock.nowMs()}`);
  }

  #get({ id }: Campaign): Verification {
    const begun = this.#ports.verifications.get(id);
    if (begun === undefined) throw new ServerError("ERR_SERVER_VERIFICATION", `no verification of "${id}" was begun`);
    return begun;
  }
}

function askedOf({ asks }: Verification): number {
  return asks.at(-1)?.asked ?? 0;
}

function nextOf(verification: Verification): Uint32Array {
  const asked = askedOf(verification);
  return verification.order.subarray(asked, verification.plan.looks.find((count) => count > asked) ?? asked);
}

/** Ordinal -> when it was asked. ms since the epoch */
function whenAsked({ order, asks }: Verification): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const { asked, atMs } of asks) for (const ordinal of order.subarray(times.size, asked)) times.set(ordinal, atMs);
  return times;
}

function isSameWish(one: VerificationWish, other: VerificationWish): boolean {
  return one.within === other.within && one.confidence === other.confidence && one.isFull === other.isFull;
}

function isWord({ kind }: Evidence): boolean {
  return kind === "check-in" || kind === "response";
}
