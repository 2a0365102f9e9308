/**
 * Finding out how many are still exposed by asking some of them (after-action/verification): one run per campaign, in memory. It freezes
 * who is uncertain when it begins, asks them in a stratified order, part by part, and says what the answers amount to. Whoever
 * started it decides when to go on; when the server is started anew, so is the verification.
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

interface VerificationPorts {
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly live: LiveView;
  readonly driver: Driver;
  readonly clock: Clock;
}

export interface VerificationView {
  readonly plan: VerificationPlan;
  /** Of the uncertain, those that have a channel now. */
  readonly connected: number;
  readonly estimate: Estimate;
  /** How many the next ask asks; 0 when all were asked that the plan asks. */
  readonly next: number;
}

interface Run {
  readonly plan: VerificationPlan;
  readonly order: readonly number[];
  readonly uncertain: RoaringBitmap32;
  /** ms since the epoch when each was asked. */
  readonly askedMs: Map<number, number>;
}

export class Verifications {
  readonly #ports: VerificationPorts;
  readonly #reports: Reports;
  readonly #runs = new Map<string, Run>();

  constructor(ports: VerificationPorts, reports: Reports) {
    this.#ports = ports;
    this.#reports = reports;
  }

  /** Judges the campaign and plans; asks nobody yet. `isDryRun`: keeps nothing. Throws ERR_AFTER_ACTION_SAMPLE. */
  async start(campaign: Campaign, wish: VerificationWish, isDryRun: boolean): Promise<VerificationView> {
    const { targeted } = campaign;
    const report = await this.#reports.report(campaign);
    const uncertain = this.#reports.uncertain(campaign);
    const frame = { targeted, certainlyExposed: report.exposed.atLeast, uncertain: uncertain.size };
    const connected = uncertain.andCardinality(this.#ports.live.presence.connected);
    const answerShare = Math.max(ANSWER_SHARE_MIN, connected / Math.max(1, uncertain.size));
    const plan = planVerification(wish, frame, answerShare);
    const run: Run = { plan, uncertain, order: this.#order(campaign, uncertain, plan), askedMs: new Map() };
    if (!isDryRun) this.#runs.set(campaign.id, run);
    return this.#view(campaign, run);
  }

  /** Asks those up to the next look who have a channel; the others are silent. Throws ERR_SERVER_VERIFICATION, ERR_CAMPAIGN_STATE. */
  async ask(campaign: Campaign, ratePerSecond = QUERY_RATE_PER_SECOND): Promise<VerificationView> {
    const { driver, live, clock } = this.#ports;
    const run = this.#run(campaign);
    const next = nextOf(run);
    const nowMs = clock.nowMs();
    const targets = RoaringBitmap32.and(RoaringBitmap32.from(next), live.presence.connected);
    if (!targets.isEmpty) driver.sendQuery(campaign.id, targets, ratePerSecond);
    for (const ordinal of next) run.askedMs.set(ordinal, nowMs);
    return this.#view(campaign, run);
  }

  look(campaign: Campaign): Promise<VerificationView> {
    return this.#view(campaign, this.#run(campaign));
  }

  async #view(campaign: Campaign, run: Run): Promise<VerificationView> {
    const { live } = this.#ports;
    const connected = run.uncertain.andCardinality(live.presence.connected);
    return { plan: run.plan, connected, estimate: await this.#estimate(campaign, run), next: nextOf(run).length };
  }

  /** Whoever said anything since it was asked has answered, as an answer or as a check-in. */
  async #estimate(campaign: Campaign, { plan, askedMs }: Run): Promise<Estimate> {
    const { fleet, clock } = this.#ports;
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
    return estimateOf(plan, { asked: asked.size, answered, exposed });
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

  #run({ id }: Campaign): Run {
    const run = this.#runs.get(id);
    if (run === undefined) throw new ServerError("ERR_SERVER_VERIFICATION", `no verification of "${id}" is under way`);
    return run;
  }
}

function nextOf({ plan, order, askedMs }: Run): readonly number[] {
  const until = plan.looks.find((count) => count > askedMs.size) ?? askedMs.size;
  return order.slice(askedMs.size, until);
}

function isWord({ kind }: Evidence): boolean {
  return kind === "check-in" || kind === "response";
}
