/** Gathers what the parts of a gateway have counted, when somebody asks; it also watches how late the event loop is. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../../trust/clock.ts";
import { LOOP_LOOK_MS } from "../limits.ts";
import type { GatewayStats } from "../stats/gateway-stats.ts";
import { RecentMax } from "../stats/recent-max.ts";
import { addCounts } from "../stats/tally.ts";
import type { CloneWatch } from "./clone-watch.ts";
import type { Door } from "./door.ts";
import type { FanOut } from "./fan-out.ts";
import type { Hub } from "./hub.ts";
import type { OrderBook } from "./order-book.ts";
import type { Reporter } from "./reporter.ts";
import type { Upward } from "./upward.ts";

interface StatsPorts {
  readonly hub: Hub;
  readonly door: Door;
  readonly upward: Upward;
  readonly fanOut: FanOut;
  readonly orders: OrderBook;
  readonly reporter: Reporter;
  readonly clones: CloneWatch;
  readonly clock: Clock;
}

export class StatsReader {
  /** Counted where bytes of all kinds come in. */
  receivedBytes = 0;
  readonly #ports: StatsPorts;
  readonly #startedMs: number;
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_LOOK_MS });
  readonly #loopMs = new RecentMax();

  constructor(ports: StatsPorts) {
    this.#ports = ports;
    this.#startedMs = ports.clock.nowMs();
    this.#loop.enable();
  }

  sweep(nowMs: number): void {
    this.#loopMs.note(this.#loop.max / 1e6, nowMs);
    this.#loop.reset();
  }

  read(): GatewayStats {
    const { hub, door, upward, fanOut, orders, reporter, clones, clock } = this.#ports;
    const nowMs = clock.nowMs();
    return {
      startedMs: this.#startedMs,
      ordersSeq: orders.lastSeq,
      ...door.counts,
      ...fanOut.counts,
      ...orders.counts,
      unaskedBytes: reporter.unaskedBytes,
      receivedBytes: this.receivedBytes,
      clones: clones.clones,
      channels: hub.size,
      opening: door.opening,
      ...hub.backlog,
      reportsWaiting: reporter.waiting,
      residentBytes: process.memoryUsage.rss(),
      denied: orders.denied,
      ...fanOut.levels(nowMs),
      loopDelayMs: this.#loopMs.read(nowMs),
      refusals: door.refusals.counts,
      closings: hub.closings.counts,
      breaches: addCounts(door.breaches.counts, upward.breaches.counts),
    };
  }

  stop(): void {
    this.#loop.disable();
  }
}
