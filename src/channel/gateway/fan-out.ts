/**
 * Writes orders to channels: one buffer for all, in slices that leave the event loop to others, no faster than the permit
 * allows. "Sent" is marked when the kernel has taken all of it; that never means received (docs/adr/0003).
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../../trust/clock.ts";
import { MANAGER_SILENCE_MAX_MS, SLICE_CHANNELS, SLICE_MS } from "../limits.ts";
import { CLOSE } from "../wire/index.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { LiveOrder, OrderBook } from "./order-book.ts";
import type { Reporter } from "./reporter.ts";

interface FanOutPorts {
  readonly hub: Hub;
  readonly orders: OrderBook;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** ms since the epoch of the manager's last sign of life. */
  readonly managerHeardMs: () => number;
}

/** Longest burst of a paced order, as a part of a second: enough to use a slice, too short to feel. */
const BURST_SECONDS = 0.05;

export class FanOut {
  readonly #ports: FanOutPorts;
  readonly #buckets = new Map<number, { tokens: number; atMs: number }>();
  #running = false;
  #stopped = false;
  sentCount = 0;

  constructor(ports: FanOutPorts) {
    this.#ports = ports;
  }

  /** Sends what there is to send; returns at once. */
  run(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A device has checked in: what is live and for it is sent now, also what it was sent before and does not remember. */
  welcome(connection: Connection, seen: readonly string[]): void {
    const { ordinal } = connection;
    for (const order of this.#ports.orders.live()) {
      if (!order.targets.has(ordinal)) continue;
      const isSent = order.sent.has(ordinal);
      if (isSent && (!order.repeats || seen.includes(order.commandId))) continue;
      if (isSent) order.again.add(ordinal);
      order.pending.push(ordinal);
    }
    this.run();
  }

  async #run(): Promise<void> {
    for (;;) {
      const waitMs = this.#round();
      if (waitMs === undefined || this.#stopped) return;
      await (waitMs === 0 ? new Promise<void>((resolve) => setImmediate(resolve)) : Bun.sleep(waitMs));
    }
  }

  /** One slice of each live order. ms until the next round, undefined when nothing is left to do. */
  #round(): number | undefined {
    const nowMs = this.#ports.clock.nowMs();
    this.#ports.orders.expire(nowMs);
    // The dead-man's switch: a gateway whose manager is silent stops by itself and goes on at the next sign of life.
    if (nowMs - this.#ports.managerHeardMs() > MANAGER_SILENCE_MAX_MS) return undefined;
    let waitMs: number | undefined;
    for (const order of this.#ports.orders.live()) {
      if (order.pending.length === 0 || this.#ports.orders.isHeld(order)) continue;
      const allowed = this.#take(order, nowMs);
      if (allowed >= 1) this.#slice(order, allowed, nowMs);
      if (order.pending.length > 0)
        waitMs = Math.min(waitMs ?? 1_000, allowed >= SLICE_CHANNELS ? 0 : Math.max(1, 1_000 / order.ratePerSecond));
    }
    return waitMs;
  }

  #slice(order: LiveOrder, allowed: number, nowMs: number): void {
    const marks = new RoaringBitmap32();
    const untilMs = performance.now() + SLICE_MS;
    let looked = 0;
    let used = 0;
    while (looked < order.pending.length && used < allowed) {
      if (looked % SLICE_CHANNELS === SLICE_CHANNELS - 1 && performance.now() > untilMs) break;
      const ordinal = order.pending[looked] ?? -1;
      looked += 1;
      if (this.#sendTo(order, ordinal, marks)) used += 1;
    }
    order.pending = order.pending.slice(looked);
    const bucket = this.#buckets.get(order.seq);
    if (bucket !== undefined) bucket.tokens -= used;
    if (!marks.isEmpty) this.#mark(order, marks, nowMs);
  }

  /** Whether a command was written, taken by the kernel or waiting in the channel's queue. */
  #sendTo(order: LiveOrder, ordinal: number, marks: RoaringBitmap32): boolean {
    const connection = this.#ports.hub.get(ordinal);
    const isWanted = !order.sent.has(ordinal) || order.again.has(ordinal);
    // Without a channel, or before its check-in, it waits: `welcome` brings it back.
    if (connection === undefined || !connection.isOpen || !connection.hasCheckedIn || !isWanted) return false;
    if (this.#ports.orders.isDenied(connection.deviceId)) return false;
    order.again.delete(ordinal);
    let isInSlice = true;
    const isTaken = connection.write(order.frame, () => {
      if (isInSlice) marks.add(ordinal);
      else this.#mark(order, RoaringBitmap32.from([ordinal]), this.#ports.clock.nowMs());
    });
    isInSlice = false;
    if (!isTaken) {
      connection.close("ERR_CHANNEL_TOO_SLOW", CLOSE.tryLater);
      return false;
    }
    connection.silentSeq = order.answers ? 0 : order.seq;
    return true;
  }

  #mark(order: LiveOrder, marks: RoaringBitmap32, atMs: number): void {
    order.sent.orInPlace(marks);
    this.sentCount += marks.size;
    this.#ports.reporter.add({ kind: "sent", seq: order.seq, atMs, ordinals: marks.serialize("portable") });
  }

  /** How many may be sent now: a token bucket per order. */
  #take(order: LiveOrder, nowMs: number): number {
    const burst = Math.max(1, order.ratePerSecond * BURST_SECONDS);
    const bucket = this.#buckets.get(order.seq) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * order.ratePerSecond);
    bucket.atMs = nowMs;
    this.#buckets.set(order.seq, bucket);
    return Math.floor(bucket.tokens);
  }
}
