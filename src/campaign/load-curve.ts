/**
 * Load over time: what devices were told to start, and what the depot's records say that they fetched, in the same measure, so that
 * plan and outcome can be laid over one another. Starts are a matter of arithmetic (x-swup §3.3); no device is asked. Pure.
 */
import { startTimeMs } from "../openc2/profiles/x-swup/start-time.ts";
import { LOAD_BUCKETS_MAX } from "./limits.ts";

/** One device that begins to fetch, or that has fetched. */
export interface Transfer {
  /** ms since the epoch */
  readonly atMs: number;
  readonly region: string;
  readonly bytes: number;
}

export interface LoadBucket {
  /** ms since the epoch of its beginning. */
  readonly atMs: number;
  readonly devices: number;
  readonly bytes: number;
}

export interface LoadPeak {
  readonly devicesPerSecond: number;
  readonly gigabitsPerSecond: number;
}

export interface LoadCurve {
  readonly bucketMs: number;
  /** From the first that is not empty to the last. */
  readonly buckets: readonly LoadBucket[];
  readonly peak: LoadPeak;
  /** Of each region by itself. */
  readonly regions: readonly (LoadPeak & { readonly region: string })[];
}

/** The start of a device that was told at `toldMs`. */
export function plannedStartMs(
  deviceId: string,
  {
    toldMs,
    startTimeMs: notBeforeMs = 0,
    commandId,
    spreadMs,
  }: {
    readonly toldMs: number;
    /** `start_time` of the command. */
    readonly startTimeMs?: number | undefined;
    readonly commandId: string;
    readonly spreadMs: number;
  },
): number {
  return startTimeMs(Math.max(toldMs, notBeforeMs), deviceId, commandId, spreadMs);
}

/** A bucket so wide that the whole takes at most 120 of them, in whole seconds. ms */
export function bucketMsFor(spanMs: number): number {
  return Math.max(1, Math.ceil(spanMs / LOAD_BUCKETS_MAX / 1_000)) * 1_000;
}

export function loadCurve(transfers: Iterable<Transfer>, bucketMs: number): LoadCurve {
  const meter = new LoadMeter(bucketMs);
  for (const transfer of transfers) meter.add(transfer);
  return meter.curve();
}

/** Takes transfers one by one, in any order: ten million of them need not be held. */
export class LoadMeter {
  readonly #bucketMs: number;
  readonly #all = new Map<number, LoadBucket>();
  readonly #regions = new Map<string, Map<number, LoadBucket>>();

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  /** `times`: how many devices it stands for. */
  add({ atMs, region, bytes }: Transfer, times = 1): void {
    const ofRegion = this.#regions.get(region) ?? new Map<number, LoadBucket>();
    this.#regions.set(region, ofRegion);
    const index = Math.floor(atMs / this.#bucketMs);
    for (const filled of [this.#all, ofRegion]) {
      const before = filled.get(index);
      filled.set(index, {
        atMs: index * this.#bucketMs,
        devices: (before?.devices ?? 0) + times,
        bytes: (before?.bytes ?? 0) + times * bytes,
      });
    }
  }

  curve(): LoadCurve {
    const bucketMs = this.#bucketMs;
    return {
      bucketMs,
      buckets: withoutGaps(this.#all, bucketMs),
      peak: peakOf(this.#all, bucketMs),
      regions: [...this.#regions].map(([region, filled]) => ({ region, ...peakOf(filled, bucketMs) })),
    };
  }
}

function withoutGaps(filled: ReadonlyMap<number, LoadBucket>, bucketMs: number): readonly LoadBucket[] {
  const indexes = [...filled.keys()].toSorted((one, other) => one - other);
  const [first = 0, last = -1] = [indexes[0], indexes.at(-1)];
  // A pause of days between two waves is not worth a bucket a second.
  if (last - first >= LOAD_BUCKETS_MAX * 4) return indexes.flatMap((index) => filled.get(index) ?? []);
  return Array.from(
    { length: last - first + 1 },
    (_, at) => filled.get(first + at) ?? { atMs: (first + at) * bucketMs, devices: 0, bytes: 0 },
  );
}

function peakOf(filled: ReadonlyMap<number, LoadBucket>, bucketMs: number): LoadPeak {
  let [devices, bytes] = [0, 0];
  for (const bucket of filled.values()) {
    devices = Math.max(devices, bucket.devices);
    bytes = Math.max(bytes, bucket.bytes);
  }
  return { devicesPerSecond: (devices * 1_000) / bucketMs, gigabitsPerSecond: (bytes * 8) / bucketMs / 1_000_000 };
}
