/**
 * What really happened in a world, as nobody in it can see, and the rules that it is held against at every step: who signed what, who
 * was sent what, what lies in every slot.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { Clock } from "../../src/trust/clock.ts";
import { IMAGE, type Image } from "./catalogue.ts";
import type { Witness } from "./device-ports.ts";
import type { EventLog } from "./event-log.ts";
import type { Frame } from "./frames.ts";
import type { SimProcess } from "./settings.ts";
import { must } from "./violation.ts";

/** What two people signed, as they meant it. */
export interface Licence {
  readonly campaign: Campaign;
  readonly cohort: RoaringBitmap32;
  readonly frames: ReadonlySet<string>;
  /** One of them: it may be sent when everything else is held. */
  readonly query: string;
}

/** What became of a device. */
export const FATES = ["as it was", "updated", "rolled back", "bricked"] as const;
export type FateName = (typeof FATES)[number];

/** From the decision to a gateway that can be reached (SAFETY: p99 of two seconds). */
const STOP_MAX_MS = 2_000;

export class Truth implements Witness {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #licences = new Map<string, Licence>();
  readonly #fates: Uint8Array;
  readonly #reached = new Map<string, Set<number>>();
  readonly #obeyed = new Set<string>();
  /** Texts of cancels: they stop things, and need no permit of their own. */
  readonly #stopping = new Set<string>();
  /** Whoever joined the campaign after it was drafted. */
  readonly joined = new Set<number>();
  /** Somebody has written orders into the database: gateways cannot tell whom people meant, only how many. */
  isForged = false;
  readonly #outside = new Set<number>();
  /** Commands that devices outside the campaign acted upon, because somebody who is not honest saw to it. */
  widened = 0;
  /** Devices that a gateway that is not honest spoke to by itself: what becomes of them is no campaign's doing. */
  readonly misled = new Set<number>();
  readonly #touched: Uint8Array;
  readonly #processes: readonly SimProcess[];
  /** Bits by process; of a device that is off: when it was last on. */
  readonly #running: Uint8Array;
  /** By process and device, when that last changed. ms since the epoch */
  readonly #changedMs: readonly Float64Array[];
  refusals = 0;
  /** Since when each campaign is stopped, as long as it is. ms since the epoch */
  readonly stoppedMs = new Map<string, number>();
  /** Rolled back or bricked, by commands that the campaign sent. */
  harmed = 0;
  /** Have lost a process that they need, by commands that the campaign sent. */
  cutOff = 0;

  /** `processes`: those that devices may run. */
  constructor(devices: number, log: EventLog, clock: Clock, processes: readonly SimProcess[] = []) {
    this.#log = log;
    this.#clock = clock;
    this.#processes = processes;
    this.#running = new Uint8Array(processes.length === 0 ? 0 : devices);
    this.#changedMs = processes.map(() => new Float64Array(devices));
    this.#fates = new Uint8Array(devices);
    this.#touched = new Uint8Array(devices);
  }

  licensed(licence: Licence): void {
    this.#licences.set(licence.campaign.id, licence);
  }

  signedStopping(frame: string): void {
    this.#stopping.add(frame);
  }

  fate(ordinal: number): FateName {
    return FATES[this.#fates[ordinal] ?? 0] ?? "as it was";
  }

  countOf(fate: FateName): number {
    const number = FATES.indexOf(fate);
    return this.#fates.reduce((count, each) => count + Number(each === number), 0);
  }

  /** Whether a process of this name runs on it. */
  isRunning(ordinal: number, process: string): boolean {
    const index = this.#indexOf(process);
    return index >= 0 && ((this.#running[ordinal] ?? 0) & (1 << index)) !== 0;
  }

  /** Whether it has run on it all the time since then. */
  hasRunSince(ordinal: number, process: string, atMs: number): boolean {
    return this.isRunning(ordinal, process) && (this.#changedMs[this.#indexOf(process)]?.[ordinal] ?? 0) <= atMs;
  }

  /** Devices that it runs on. */
  countRunning(process: string): number {
    return this.#running.reduce((count, _, ordinal) => count + Number(this.isRunning(ordinal, process)), 0);
  }

  /** Whether it did anything at all with a command. */
  hasActed(ordinal: number): boolean {
    return this.#touched[ordinal] === 1;
  }

  reachedBy(campaignId: string): ReadonlySet<number> {
    return this.#reached.get(campaignId) ?? new Set();
  }

  /** A gateway that is honest sends this. */
  sends(
    { name: by, askedMs }: { readonly name: string; readonly askedMs: number },
    campaignId: string,
    ordinal: number,
    frame: Frame,
    nowMs: number,
  ): void {
    const licence = this.#licences.get(campaignId);
    const what = () => `${by} sends ${frame.text.slice(0, 60)} of ${campaignId} to device ${ordinal}`;
    must(licence !== undefined, "no send without a valid permit of two people", what);
    const { frames, cohort, campaign, query } = licence;
    must(frames.has(frame.text) || this.#stopping.has(frame.text), "no send without a valid permit of two people", what);
    if (!cohort.has(ordinal)) this.#sendsOutside(campaign, ordinal, what);
    must(nowMs < campaign.permit.not_after, "no send without a valid permit of two people", () => `${what()} after its permit`);
    const stoppedMs = this.stoppedMs.get(campaignId) ?? Infinity;
    const isStopped = askedMs > stoppedMs + STOP_MAX_MS && !this.#stopping.has(frame.text) && frame.text !== query;
    must(!isStopped, "a stop stops", () => `${what()} ${nowMs - stoppedMs} ms after it was stopped`);
    let reached = this.#reached.get(campaignId);
    if (reached === undefined) this.#reached.set(campaignId, (reached = new Set()));
    if (frame.text !== query) reached.add(ordinal);
    must(
      reached.size - this.#outside.size <= campaign.permit.count_max,
      "no send without a valid permit of two people",
      () => `${what()}: more than the permit's count`,
    );
  }

  /** Newcomers: as many as people signed, and, unless orders are forged, those that the manager found to match. */
  #sendsOutside({ permit }: Campaign, ordinal: number, what: () => string): void {
    const isMeant = this.joined.has(ordinal) || this.isForged;
    must(isMeant, "no send without a valid permit of two people", () => `${what()}, which is not in the cohort and has not joined`);
    this.#outside.add(ordinal);
    const most = permit.newcomers?.count_max ?? 0;
    must(
      this.#outside.size <= most,
      "no send without a valid permit of two people",
      () => `${what()}: one more than the ${most} newcomers of its permit`,
    );
  }

  installed(ordinal: number, image: Image, frame: Frame | undefined): void {
    const verdict = frame?.verdict;
    must(
      image === IMAGE.new && typeof verdict === "object",
      "nothing unverified is installed",
      () => `device ${ordinal} installs image ${image}`,
    );
    const licence = [...this.#licences.values()].find(({ frames }) => frames.has(frame?.text ?? ""));
    must(licence !== undefined, "nothing unverified is installed", () => `device ${ordinal} installs by a command that nobody ordered`);
    if (!licence.cohort.has(ordinal) && !this.joined.has(ordinal)) this.widened += 1;
    this.#touched[ordinal] = 1;
    this.#log.note("installs", ordinal, verdict.commandId);
  }

  booted(ordinal: number, active: Image, spare: Image, outcome: "as before" | "good" | "rolled back"): void {
    must(
      active === IMAGE.old || active === IMAGE.new,
      "never two bad slots",
      () => `device ${ordinal} would boot image ${active}, beside ${spare}`,
    );
    if (outcome === "as before") return;
    this.#become(ordinal, outcome === "good" ? "updated" : "rolled back");
  }

  bricked(ordinal: number): void {
    this.#become(ordinal, "bricked");
  }

  refused(ordinal: number, code: string): void {
    this.refusals += 1;
    this.#touched[ordinal] = 1;
    this.#log.note("refuses", ordinal, code);
  }

  obeyed(ordinal: number, commandId: string): void {
    const key = `${ordinal} ${commandId}`;
    must(!this.#obeyed.has(key), "nothing is done twice", () => `device ${ordinal} takes ${commandId} for news a second time`);
    this.#obeyed.add(key);
    this.#touched[ordinal] = 1;
  }

  runs(ordinal: number, bits: number): void {
    if (this.#running[ordinal] === bits || this.#processes.length === 0) return;
    const before = this.#running[ordinal] ?? 0;
    this.#running[ordinal] = bits;
    for (const [index, { name, isNeeded }] of this.#processes.entries()) {
      if (((before ^ bits) & (1 << index)) === 0) continue;
      const isThere = (bits & (1 << index)) !== 0;
      this.#log.note(isThere ? "runs" : "runs no more", ordinal, name);
      this.#changedMs[index]?.fill(this.#clock.nowMs(), ordinal, ordinal + 1);
      if (isNeeded && !isThere && !this.misled.has(ordinal)) this.cutOff += 1;
    }
  }

  #indexOf(process: string): number {
    return this.#processes.findIndex(({ name }) => name === process);
  }

  #become(ordinal: number, fate: FateName): void {
    this.#fates[ordinal] = FATES.indexOf(fate);
    if (fate !== "updated" && !this.misled.has(ordinal)) this.harmed += 1;
    this.#log.note(fate, ordinal);
  }
}
