/**
 * What each part of the gateway last said of itself. A part that has gone leaves its counts; one that is started anew in its place
 * begins at nothing, and what its predecessor had counted stays in the sum.
 */
import type { Clock } from "../../trust/clock.ts";
import { countsOf, type GatewayStats, type GatewayTotal, mergeStats } from "./gateway-stats.ts";

export interface PartStats {
  readonly part: string;
  /** How old this is. */
  readonly ageMs: number;
  readonly stats: GatewayStats;
}

interface Entry {
  stats: GatewayStats;
  /** When it was said, ms since the epoch. */
  atMs: number;
  isHere: boolean;
}

export class PartBoard {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** The counts of those whose place another has taken. */
  #former: GatewayTotal = mergeStats([]);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(part: string, stats: GatewayStats): void {
    const before = this.#entries.get(part)?.stats;
    if (before !== undefined && before.startedMs !== stats.startedMs) this.#former = mergeStats([this.#former, countsOf(before)]);
    this.#entries.set(part, { stats, atMs: this.#clock.nowMs(), isHere: true });
  }

  leave(part: string): void {
    const entry = this.#entries.get(part);
    if (entry !== undefined) entry.isHere = false;
  }

  /** Those that are here. */
  get parts(): readonly PartStats[] {
    const nowMs = this.#clock.nowMs();
    const here = [...this.#entries].filter(([, { isHere }]) => isHere);
    return here.map(([part, { stats, atMs }]) => ({ part, ageMs: nowMs - atMs, stats }));
  }

  get total(): GatewayTotal {
    const each = [...this.#entries.values()].map(({ stats, isHere }) => (isHere ? stats : countsOf(stats)));
    return mergeStats([this.#former, ...each]);
  }
}
