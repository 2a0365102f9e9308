/**
 * How the depot has been in the last minutes, for the planner: its counts of now less those of then. It sees this manager's own depot;
 * mirrors elsewhere have watchers of their own.
 */
import type { Capacity } from "../campaign/dry-run.ts";
import type { DepotFacts } from "../campaign/plan-types.ts";
import { Figures } from "../depot/figures.ts";
import type { DepotFigures } from "../depot/server.ts";
import { DEPOT_SAMPLE_MS, DEPOT_WINDOW_MS } from "./limits.ts";

interface Sample extends Pick<DepotFigures, "requests" | "failed" | "shed" | "bytes"> {
  readonly atMs: number;
  /** Region -> bytes that its devices have fetched. */
  readonly fetched: ReadonlyMap<string, number>;
}

export class DepotWatch {
  readonly #capacity: Capacity;
  readonly #fetched = new Map<string, number>();
  /** Oldest first: the first is as old as the window. */
  #samples: Sample[] = [];
  #now: Sample | undefined;
  #figures: DepotFigures = new Figures().current;

  /** `depotBitsPerSecond` is of this depot alone. */
  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  /** A transfer to a device of the region is over. */
  fetched(region: string, bytes: number): void {
    this.#fetched.set(region, (this.#fetched.get(region) ?? 0) + bytes);
  }

  /** What the depot says of itself; as often as the clockwork turns. */
  note(figures: DepotFigures, atMs: number): void {
    this.#figures = figures;
    const { requests, failed, shed, bytes } = figures;
    const sample = { atMs, requests, failed, shed, bytes, fetched: new Map(this.#fetched) };
    this.#now = sample;
    const last = this.#samples.at(-1);
    // A clock that was set back: what was before has no age.
    if (last === undefined || atMs < last.atMs) this.#samples = [sample];
    else if (atMs - last.atMs >= DEPOT_SAMPLE_MS) this.#samples.push(sample);
    while ((this.#samples[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - DEPOT_WINDOW_MS) this.#samples.shift();
  }

  /** Since the depot was started; what it said last. */
  figures(): DepotFigures {
    return this.#figures;
  }

  /** Undefined before there is anything to compare. */
  facts(): DepotFacts | undefined {
    const [then, now] = [this.#samples[0], this.#now];
    if (then === undefined || now === undefined || now.atMs <= then.atMs) return undefined;
    const [requests, shed] = [now.requests - then.requests, now.shed - then.shed];
    return {
      requests,
      errors: now.failed - then.failed,
      // Whoever turns devices away has more than it bears, whatever its capacity is said to be.
      loadShare: shed > 0 ? 1 + shed / requests : this.#loadShare(then, now),
    };
  }

  /** Of whatever is nearest to its limit: this depot, or a region's access network. */
  #loadShare(then: Sample, now: Sample): number {
    const { depotBitsPerSecond, accessBitsPerSecond = {} } = this.#capacity;
    const seconds = (now.atMs - then.atMs) / 1_000;
    const share = (bytes: number, bitsPerSecond: number) => (bytes * 8) / seconds / bitsPerSecond;
    const regions = Object.entries(accessBitsPerSecond).map(([region, bitsPerSecond]) =>
      share((now.fetched.get(region) ?? 0) - (then.fetched.get(region) ?? 0), bitsPerSecond),
    );
    return Math.max(share(now.bytes - then.bytes, depotBitsPerSecond), ...regions);
  }
}
