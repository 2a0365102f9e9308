/** What is going on right now: presence and the live counts of every campaign, rebuilt from the store after a start. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import { KINDS_MAX } from "../campaign/limits.ts";
import { firstToBeDone, type Rival } from "../campaign/overlap.ts";
import { placesLeft } from "../campaign/plan-newcomers.ts";
import type { Comparison, PlanFacts, WaveFacts } from "../campaign/plan-types.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import type { Evidence, SentBatch } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Clock } from "../trust/clock.ts";
import { KINDS_MS, NEWCOMERS_LOOK_MS, REJOIN_MS } from "./limits.ts";
import { newcomersOf } from "./newcomers.ts";
import { Presence } from "./presence.ts";
import { type Kind, Progress, type ProgressCounts } from "./progress.ts";
import { type Reach, rivalsOf } from "./rivals.ts";

interface Opened {
  readonly progress: Progress;
  readonly waves: RoaringBitmap32[];
  /** The hardware revisions of its members and their devices, the largest first. */
  kinds: readonly Kind[];
  /** How they were, and when that was counted. ms since the epoch */
  compared: { readonly atMs: number; readonly kinds: readonly Comparison[] };
  /** When newcomers were last looked for. ms since the epoch */
  lookedMs: number;
}

const NOBODY = { watched: 0, lost: 0, looping: 0 };

export class LiveView {
  readonly presence = new Presence();
  readonly #fleet: FleetStore;
  readonly #campaigns: CampaignStore;
  readonly #opened = new Map<string, Opened>();
  readonly #clock: Clock;
  readonly #problem: (untilMs: number) => string | undefined;
  readonly #newerThan: (campaign: Campaign) => readonly string[] | undefined;
  readonly #startedMs: number;
  #hasRejoined = false;

  /** `problem`: why no wave may begin that ends at a time. `newerThan`: versions that are newer than a campaign's, when that is known. */
  constructor(
    fleet: FleetStore,
    campaigns: CampaignStore,
    clock: Clock,
    problem: (untilMs: number) => string | undefined = () => undefined,
    newerThan: (campaign: Campaign) => readonly string[] | undefined = () => [],
  ) {
    this.#fleet = fleet;
    this.#campaigns = campaigns;
    this.#clock = clock;
    this.#problem = problem;
    this.#newerThan = newerThan;
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
    const nowMs = this.#clock.nowMs();
    // Counted five times a second for as long as its permit lasts, it would be for nobody: no wave of it is judged any more.
    if (campaign.state === "done") return { waves: [], control: NOBODY, ...this.#newcomers(campaign, all, nowMs) };
    return {
      waves: this.waveFacts(campaign),
      kinds: this.#kinds(campaign, nowMs),
      control: this.#open(campaign).progress.control(nowMs),
      ...this.#others(campaign, all, nowMs),
    };
  }

  #others(campaign: Campaign, all: readonly Campaign[], nowMs: number): Pick<PlanFacts, "waitsFor" | "rivals"> {
    const waitsFor = this.#problem(nowMs + campaign.ladder.settleMaxMs) ?? firstToBeDone(campaign, all);
    return { ...(waitsFor !== undefined && { waitsFor }), rivals: this.rivals(campaign, this.#open(campaign).progress, all) };
  }

  /** A query over the fleet: not at every turn, and only while somebody may join. */
  #newcomers(campaign: Campaign, all: readonly Campaign[], nowMs: number): Partial<PlanFacts> {
    const opened = this.#open(campaign);
    if (nowMs < opened.lookedMs + NEWCOMERS_LOOK_MS || placesLeft(campaign, nowMs) < 1) return {};
    const membersOf = (other: Campaign) => this.#open(other).progress.cohort;
    const sources = { fleet: this.#fleet, nowMs, connected: this.presence.connected, membersOf, newerThan: this.#newerThan };
    const newcomers = newcomersOf(campaign, all, sources);
    if (newcomers !== undefined) opened.lookedMs = nowMs;
    return { newcomers, ...this.#others(campaign, all, nowMs) };
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
    return this.#open(campaign).progress.counts(this.#clock.nowMs());
  }

  #open(campaign: Campaign): Opened {
    const opened = this.#opened.get(campaign.id) ?? this.#begin(campaign);
    for (const { index, isJoined } of campaign.waves.slice(opened.waves.length)) {
      const wave = this.#campaigns.wave(campaign.id, index);
      if (isJoined) this.#join(campaign, opened, wave);
      opened.waves.push(wave);
    }
    return opened;
  }

  #begin(campaign: Campaign): Opened {
    const [never, progress] = [Number.NEGATIVE_INFINITY, new Progress(campaign)];
    const opened: Opened = { progress, waves: [], kinds: [], compared: { atMs: never, kinds: [] }, lookedMs: never };
    this.#join(campaign, opened, this.#campaigns.cohort(campaign.id));
    this.#opened.set(campaign.id, opened);
    return opened;
  }

  /** Members from now on, with what is known of them since the campaign was drafted. */
  #join({ createdMs }: Campaign, opened: Opened, devices: RoaringBitmap32): void {
    const { progress } = opened;
    progress.join(devices, this.presence.connected);
    for (const item of this.#fleet.evidence(devices, createdMs)) progress.note(item);
    const parts = this.#fleet.parts(progress.cohort, "hardware").map(({ value, devices: alike }): Kind => [`hardware ${value}`, alike]);
    opened.kinds = parts.toSorted(([, one], [, other]) => other.size - one.size).slice(0, KINDS_MAX);
  }
}
