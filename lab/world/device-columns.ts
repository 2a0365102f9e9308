/**
 * What compact devices remember: a column of numbers for each thing, 75 bytes a device. What a real device has
 * in its state file and its slots outlives a power cut here; what it has in memory does not.
 */

/** Of the link to the gateway. `gone`: bricked, for good. */
export const LINK = { dark: 0, waiting: 1, dialling: 2, open: 3, gone: 4 } as const;
/** Of the update under way. */
export const JOB = { none: 0, queued: 1, looking: 2, downloading: 3 } as const;

export class Columns {
  /** On disk. */
  readonly kind: Uint8Array;
  readonly slotA: Uint8Array;
  readonly slotB: Uint8Array;
  /** 0 is slot A. */
  readonly active: Uint8Array;
  /** Boots left of the trial of the spare slot, 0 when there is none. */
  readonly trialLeft: Uint8Array;
  readonly boot: Uint16Array;
  /** Bits by command number. */
  readonly seen: Uint32Array;
  /** Command number + 1 of the update that was accepted, 0 when there is none. */
  readonly job: Uint8Array;
  readonly startMs: Float64Array;
  /** Command number + 1, state and error of the last update, by their tables. */
  readonly lastCommand: Uint8Array;
  readonly lastState: Uint8Array;
  readonly lastError: Uint8Array;
  /** 1: an answer about the last update waits for the channel. */
  readonly answer: Uint8Array;
  /** The same of the last stop or restart; those that wait are in compact-housekeeping.ts. */
  readonly lastHouse: Uint8Array;
  readonly lastHouseState: Uint8Array;
  readonly lastHouseError: Uint8Array;
  /** Highest release counter that was ever marked good. */
  readonly counterFloor: Uint8Array;
  readonly floorMs: Float64Array;
  /** In memory. */
  readonly link: Uint8Array;
  readonly linkDueMs: Float64Array;
  readonly linkWaitMs: Float64Array;
  readonly phase: Uint8Array;
  readonly jobDueMs: Float64Array;
  readonly houseDueMs: Float64Array;
  /** Bits by process: those that run. */
  readonly running: Uint8Array;
  readonly tries: Uint8Array;
  readonly downloads: Uint8Array;
  /** How often it drew by chance. */
  readonly drawn: Uint16Array;

  constructor(count: number) {
    const bytes = () => new Uint8Array(count);
    const times = (first = 0) => new Float64Array(count).fill(first);
    this.kind = bytes();
    this.slotA = bytes();
    this.slotB = bytes();
    this.active = bytes();
    this.trialLeft = bytes();
    this.boot = new Uint16Array(count);
    this.seen = new Uint32Array(count);
    this.job = bytes();
    this.startMs = times();
    this.lastCommand = bytes();
    this.lastState = bytes();
    this.lastError = bytes();
    this.answer = bytes();
    this.lastHouse = bytes();
    this.lastHouseState = bytes();
    this.lastHouseError = bytes();
    this.counterFloor = bytes();
    this.floorMs = times();
    this.link = bytes();
    this.linkDueMs = times(Number.POSITIVE_INFINITY);
    this.linkWaitMs = times();
    this.phase = bytes();
    this.jobDueMs = times(Number.POSITIVE_INFINITY);
    this.houseDueMs = times(Number.POSITIVE_INFINITY);
    this.running = bytes();
    this.tries = bytes();
    this.downloads = bytes();
    this.drawn = new Uint16Array(count);
  }
}

/** The value of a device; every ordinal that there is has one. */
export function at(column: Uint8Array | Uint16Array | Uint32Array | Float64Array, ordinal: number): number {
  return column[ordinal] ?? 0;
}
