/** What is going on right now: presence and the live counts of every campaign, rebuilt from the store after a start. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import { KINDS_MAX } from "../campaign/limits.ts";
import { firstToBeDone, type Rival } from "../campaign/overlap.ts";
import type { Comparison, PlanFacts, WaveFacts } from "../campaign/plan-types.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import type { Evidence, SentBatch } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Clock } from "../trust/clock.ts";
import { KINDS_MS, REJOIN_MS } from "./limits.ts";
import { Presence } from "./presence.ts";
import { type Kind, Progress, type ProgressCounts } from "./progress.ts";
import { type Reach, rivalsOf } from "./rivals.ts";

interface Opened {
  readonly progress: Progress;
  readonly waves: readonly RoaringBitmap32[];
  /** The hardware revisions of the cohort and their devices, the largest first. */
  readonly kinds: readonly Kind[];
  /** How they were, and when that was counted. ms since the epoch */
  compared: { readonly atMs: number; readonly kinds: readonly Comparison[] };
}

export class LiveView {
  readonly presence = new Presence();
  readonly #fleet: FleetStore;
  readonly #campaigns: CampaignStore;
  readonly #opened = new Map<string, Opened>();
  readonly #clock: Clock;
  readonly #problem: (untilMs: number) => string | undefined;
  readonly #startedMs: number;
  #hasRejoined = false;

  /** `problem`: why no wave may begin that ends at a time. */
  constructor(
    fleet: FleetStore,
    campaigns: CampaignStore,
    clock: Clock,
    problem: (untilMs: number) => string | undefined = () => undefined,
  ) {
    this.#fleet = fleet;
    this.#campaigns = campaigns;
    this.#clock = clock;
    this.#problem = problem;
    this.#startedMs = clock.nowMs();
    for (const campaign of campaigns.list()) this.#open(campaign);
  }

  note(evidence: readonly Evidence[], sent: readonly SentBatch[]): void {
    // First: who goes away with the command is counted only if it is known to have been sent.
    for (const batch of sent) {
      for (const { progress } of this.#opened.values()) progress.noteSent(batch);
    }
    for (const item of evidence) {
      this.presence.note(item);
      for (const { progress } of this.#opened.values()) progress.note(item);
    }
  }

  noteStanding(ordinals: RoaringBitmap32): void {
    this.presence.connected.orInPlace(ordinals);
  }

  waveFacts(campaign: Campaign): readonly WaveFacts[] {
    const { progress, waves } = this.#open(campaign);
    const facts = progress.waveFacts(waves, this.presence.connected, this.#clock.nowMs());
    // After a start nobody is offline yet: a wave is not judged on the few who came back first.
    return this.#isRejoining() ? facts.map((wave) => ({ ...wave, offline: 0 })) : facts;
  }

  planFacts(campaign: Campaign, all: readonly Campaign[]): PlanFacts {
    // Counted five times a second for as long as its permit lasts, it would be for nobody: no wave of it is judged any more.
    if (campaign.state === "done") return { waves: [], control: { watched: 0, lost: 0, looping: 0 } };
    const { progress } = this.#open(campaign);
    const nowMs = this.#clock.nowMs();
    const waitsFor = this.#problem(nowMs + campaign.ladder.settleMaxMs) ?? firstToBeDone(campaign, all);
    return {
      waves: this.waveFacts(campaign),
      kinds: this.#kinds(campaign, nowMs),
      control: progress.control(nowMs),
      ...(waitsFor !== undefined && { waitsFor }),
      rivals: this.rivals(campaign, progress, all),
    };
  }

  /** `reach` is that of the campaign, which may be a draft that is not kept. */
  rivals(campaign: Campaign, reach: Reach, all: readonly Campaign[]): readonly Rival[] {
    return rivalsOf(campaign, reach, all, (other) => this.#open(other).progress);
  }

  /** Hardware revisions by themselves. Waves that people have overruled a halt of are left out, as they are of all together. */
  #kinds(campaign: Campaign, nowMs: number): readonly Comparison[] {
    const opened = this.#open(campaign);
    const { progress, waves, kinds, compared } = opened;
    if (kinds.length < 2) return [];
    if (nowMs < compared.atMs + KINDS_MS) return compared.kinds;
    const overruled = RoaringBitmap32.orMany(waves.slice(0, (campaign.waivedWave ?? -1) + 1));
    opened.compared = { atMs: nowMs, kinds: progress.compare(kinds, overruled, nowMs) };
    return opened.compared.kinds;
  }

  #isRejoining(): boolean {
    if (this.#hasRejoined) return false;
    this.#hasRejoined = this.#clock.nowMs() - this.#startedMs >= REJOIN_MS;
    if (!this.#hasRejoined) return true;
    for (const { progress } of this.#opened.values()) progress.notBackSince(this.#startedMs, this.presence.connected);
    return false;
  }

  counts(campaign: Campaign): ProgressCounts {
    return this.#open(campaign).progress.counts();
  }

  #open(campaign: Campaign): Opened {
    const known = this.#opened.get(campaign.id);
    if (known !== undefined) return known;
    const cohort = this.#campaigns.cohort(campaign.id);
    const progress = new Progress(campaign, cohort, this.presence.connected);
    for (const item of this.#fleet.evidence(cohort, campaign.createdMs)) progress.note(item);
    const parts = this.#fleet.parts(cohort, "hardware").map(({ value, devices }): Kind => [`hardware ${value}`, devices]);
    const kinds = parts.toSorted(([, one], [, other]) => other.size - one.size).slice(0, KINDS_MAX);
    const waves = campaign.waves.map(({ index }) => this.#campaigns.wave(campaign.id, index));
    const opened = { progress, waves, kinds, compared: { atMs: Number.NEGATIVE_INFINITY, kinds: [] } };
    this.#opened.set(campaign.id, opened);
    return opened;
  }
}
