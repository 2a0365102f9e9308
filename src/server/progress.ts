/**
 * Live counts of one campaign, folded from evidence as it is committed. After a restart the same evidence, read back from
 * the store, gives the same counts. It concludes nothing: verdicts are the after-action's.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { Comparison, Group, WaveFacts } from "../campaign/plan-types.ts";
import type { Evidence, SentBatch } from "../fleet/evidence.ts";
import { Absence } from "./absence.ts";
import { BootLoops } from "./boot-loops.ts";
import { outcomesOf, type Outcomes } from "./outcomes/index.ts";

/** Numbers of devices; `unaskedBytes` is of bytes. */
export interface ProgressCounts {
  readonly targeted: number;
  readonly sent: number;
  readonly fetched: number;
  readonly back: number;
  /** Did what they were told, as far as they said so: run the new version, or have stopped the process. */
  readonly updated: number;
  readonly failed: number;
  readonly away: number;
  readonly unaskedBytes: number;
}

/** A name, and the devices of the fleet that are alike in what it says. */
export type Kind = readonly [string, RoaringBitmap32];

export class Progress {
  /** And whoever joined it since. */
  readonly cohort = new RoaringBitmap32();
  readonly #commandIds: ReadonlySet<string>;
  /** Of the cohort. */
  readonly sent = new RoaringBitmap32();
  readonly #fetched = new RoaringBitmap32();
  /** Had a channel since the campaign was drafted, also when they were not commanded. */
  readonly #seen = new RoaringBitmap32();
  readonly #absence: Absence;
  readonly #loops = new BootLoops();
  readonly #outcomes: Outcomes;
  #unaskedBytes = 0;

  constructor(campaign: Campaign) {
    this.#absence = new Absence(campaign.ladder.lostAfterMs);
    this.#commandIds = new Set([campaign.commandIds.canary, campaign.commandIds.mass]);
    this.#outcomes = outcomesOf(campaign);
  }

  /** The cohort, and later whoever joins it; what was noted of them before counts for nothing. `connected`: who has a channel now. */
  join(devices: RoaringBitmap32, connected: RoaringBitmap32): void {
    this.cohort.orInPlace(devices);
    this.#seen.orInPlace(RoaringBitmap32.and(devices, connected));
  }

  note(evidence: Evidence): void {
    const { ordinal } = evidence;
    if (!this.cohort.has(ordinal)) return;
    switch (evidence.kind) {
      case "sent":
        if (this.#commandIds.has(evidence.commandId)) this.#noteSent(ordinal, evidence);
        return;
      case "connected":
        this.#seen.add(ordinal);
        this.#absence.comeBack(ordinal);
        return;
      case "disconnected":
        this.#absence.leave(ordinal, evidence.atMs);
        return;
      case "download":
        if (evidence.complete) this.#fetched.add(ordinal);
        return;
      case "check-in":
        this.#loops.note(ordinal, evidence.boot, evidence.atMs);
        this.#outcomes.note(evidence, this.sent.has(ordinal));
        return;
      case "response":
        this.#outcomes.note(evidence, this.sent.has(ordinal));
        return;
      case "unasked":
        this.#unaskedBytes += evidence.bytes;
        return;
      case "refused":
        return;
      default:
        evidence satisfies never;
    }
  }

  noteSent(batch: SentBatch): void {
    if (!this.#commandIds.has(batch.commandId)) return;
    const fresh = RoaringBitmap32.and(this.cohort, batch.ordinals).andNotInPlace(this.sent);
    for (const ordinal of fresh) this.#noteSent(ordinal, batch);
  }

  counts(nowMs: number): ProgressCounts {
    const { done, failed } = this.#outcomes;
    return {
      targeted: this.cohort.size,
      sent: this.sent.size,
      fetched: this.#fetched.size,
      back: this.#settled(nowMs).size,
      updated: done.size,
      failed: failed.size,
      away: this.sent.andCardinality(this.#absence.away),
      unaskedBytes: this.#unaskedBytes,
    };
  }

  waveFacts(waves: readonly RoaringBitmap32[], connected: RoaringBitmap32, nowMs: number): readonly WaveFacts[] {
    const { done, failed, needless } = this.#outcomes;
    const settled = this.#settled(nowMs);
    const { lost, looping } = this.#unwell(nowMs);
    const known = RoaringBitmap32.orMany([settled, lost, looping]);
    const reachable = RoaringBitmap32.andNot(connected, needless);
    return waves.map((wave, index) => {
      const sent = RoaringBitmap32.and(wave, this.sent);
      const unsent = RoaringBitmap32.andNot(wave, this.sent);
      return {
        index,
        count: wave.size,
        sent: sent.size,
        away: sent.andCardinality(this.#absence.away),
        settled: wave.andCardinality(settled),
        updated: wave.andCardinality(done),
        failed: wave.andCardinality(failed),
        offline: unsent.size - unsent.andCardinality(reachable),
        lost: sent.andCardinality(lost),
        looping: sent.andCardinality(looping),
        watched: sent.andCardinality(known),
      };
    });
  }

  /** Those who were not commanded (yet), as far as they had a channel. */
  control(nowMs: number): Group {
    const watched = RoaringBitmap32.andNot(this.#seen, this.sent);
    const { lost, looping } = this.#unwell(nowMs);
    return { watched: watched.size, lost: watched.andCardinality(lost), looping: watched.andCardinality(looping) };
  }

  /** Devices that are alike, kind by kind: the commanded ones but for those that are left out, and those who were not commanded. */
  compare(kinds: readonly Kind[], leftOut: RoaringBitmap32, nowMs: number): readonly Comparison[] {
    const { lost, looping } = this.#unwell(nowMs);
    const commanded = RoaringBitmap32.orMany([this.#settled(nowMs), lost, looping]);
    commanded.andInPlace(this.sent);
    commanded.andNotInPlace(leftOut);
    const commandedOf = this.#counter(commanded, nowMs);
    const controlOf = this.#counter(RoaringBitmap32.andNot(this.#seen, this.sent), nowMs);
    return kinds.map(([name, ordinals]) => ({ name, commanded: commandedOf(ordinals), control: controlOf(ordinals) }));
  }

  /** After a start of the manager: who was there before and has not come back has been away since then. */
  notBackSince(atMs: number, connected: RoaringBitmap32): void {
    for (const ordinal of RoaringBitmap32.andNot(this.#seen, connected)) this.#absence.leave(ordinal, atMs);
  }

  #noteSent(ordinal: number, { commandId, atMs }: Pick<SentBatch, "commandId" | "atMs">): void {
    if (!this.sent.tryAdd(ordinal)) return;
    this.#outcomes.noteSent(ordinal, commandId, atMs);
    this.#seen.add(ordinal);
    this.#loops.forget(ordinal);
  }

  /** Counts a part of those who are watched. */
  #counter(watched: RoaringBitmap32, nowMs: number): (part: RoaringBitmap32) => Group {
    const unwell = this.#unwell(nowMs);
    const lost = RoaringBitmap32.and(watched, unwell.lost);
    const looping = RoaringBitmap32.and(watched, unwell.looping);
    return (part) => ({ watched: watched.andCardinality(part), lost: lost.andCardinality(part), looping: looping.andCardinality(part) });
  }

  /** Each device in one of the two at most. */
  #unwell(nowMs: number): { readonly lost: RoaringBitmap32; readonly looping: RoaringBitmap32 } {
    const lost = this.#absence.longer(nowMs);
    return { lost, looping: RoaringBitmap32.andNot(this.#loops.ordinals, lost) };
  }

  #settled(nowMs: number): RoaringBitmap32 {
    return this.#outcomes.settled(nowMs, this.#absence.away);
  }
}
