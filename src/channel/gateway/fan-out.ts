/**
 * Writes orders to channels: one buffer for all, in slices that leave the event loop to others, no faster than the permit
 * allows. "Sent" is marked when the kernel has taken all of it; that never means received. Holds, denials, expiry and
 * the manager's silence are looked at again in every slice, so that they take effect in the middle of a fan-out.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../../trust/clock.ts";
import { MANAGER_SILENCE_MAX_MS, PACE_BURST_SECONDS, PACE_LOOK_MAX_MS, SLICE_CHANNELS, SLICE_MS } from "../limits.ts";
import { type CheckIn, CLOSE } from "../wire/index.ts";
import { RecentMax } from "../stats/recent-max.ts";
import type { Channel } from "./channel.ts";
import { isOutdone, isThere } from "./need.ts";
import type { LiveOrder, OrderBook } from "./order-book.ts";
import { OrdinalBatch } from "./ordinal-batch.ts";
import type { Reporter } from "./reporter.ts";
import { TokenBucket } from "./token-bucket.ts";
import { noteWritten } from "./upstream-counter.ts";

/** The standing channels, of whatever kind. */
interface Channels {
  all(): Iterable<Channel>;
  close(channel: Channel, reason: string, code: number): void;
  /** How many may be written to now: a kernel has a buffer for each, a broker one for all. */
  readonly room: number;
}

interface FanOutPorts {
  readonly hub: Channels;
  readonly orders: OrderBook;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** Processes that share this work: the permit's pace is for all of them together. */
  readonly parts: number;
}

/** Channels that one order still has to be written to; `at` is the next. */
interface Work {
  readonly channels: Channel[];
  at: number;
}

export class FanOut {
  readonly #ports: FanOutPorts;
  readonly #work = new Map<LiveOrder, Work>();
  /** By campaign: all its orders share the pace that its permit allows. */
  readonly #paces = new Map<string, TokenBucket>();
  /** Written to in this slice, and those of them whose kernel has not taken all of it yet. */
  readonly #written = new OrdinalBatch();
  readonly #queued: number[] = [];
  /** When the next round is due, on the monotonic clock; undefined when none is. */
  #nextMs: number | undefined;
  #cancelNext: () => void = () => {};
  #managerHeardMs: number;
  #isSilenced = false;
  readonly counts = { sent: 0, sentBytes: 0, slices: 0, late: 0 };
  readonly #sliceMs = new RecentMax();

  constructor(ports: FanOutPorts) {
    this.#ports = ports;
    this.#managerHeardMs = ports.clock.nowMs();
  }

  levels(nowMs: number): { readonly sliceLongestMs: number; readonly managerSilentMs: number; readonly silenced: number } {
    const managerSilentMs = Math.max(0, nowMs - this.#managerHeardMs);
    return { sliceLongestMs: this.#sliceMs.read(nowMs), managerSilentMs, silenced: Number(managerSilentMs > MANAGER_SILENCE_MAX_MS) };
  }

  /** A sign of life from the manager. */
  managerHeard(): void {
    this.#managerHeardMs = this.#ports.clock.nowMs();
    if (!this.#isSilenced) return;
    this.#isSilenced = false;
    this.begin(this.#ports.orders.live());
  }

  /** Takes up these orders, new or no longer held, for all channels that stand now. Those that come later are welcomed. */
  begin(orders: Iterable<LiveOrder>): void {
    for (const order of orders) {
      const channels: Channel[] = [];
      for (const connection of this.#ports.hub.all()) if (isDue(order, connection)) channels.push(connection);
      this.#work.set(order, { channels, at: 0 });
    }
    this.#wake(0);
  }

  /**
   * A channel is ready: what is live, for it, and still of use to it is sent now. Of what the device says in its check-in (undefined when
   * it has not said) `seen` is what it remembers: a command it was sent before and does not remember is sent again, for devices do
   * nothing twice. One that it remembers is not: if nothing is known of it here, another part has sent it, and may have died before
   * it could say so.
   */
  welcome(connection: Channel, said: Pick<CheckIn, "seen" | "software"> | undefined): void {
    const { orders } = this.#ports;
    const { seen, software } = said ?? {};
    for (const order of orders.live()) {
      if (seen?.includes(order.commandId) === true && isDue(order, connection)) this.#markOne(order, connection.ordinal);
      // For good: a later resume of the campaign is not about it either.
      if (isThere(order, software)) order.targets.remove(connection.ordinal);
      const isForgotten = seen !== undefined && order.repeats && !seen.includes(order.commandId);
      if (isForgotten && order.sent.has(connection.ordinal)) order.again.add(connection.ordinal);
      // While it may not be sent nothing queues up: `begin` looks at all channels when it may.
      if (orders.isHeld(order) || this.#isSilenced || !isDue(order, connection)) continue;
      if (isOutdone(order, connection.ordinal, orders.sendable())) continue;
      this.counts.late += 1;
      this.#work.get(order)?.channels.push(connection);
    }
    this.#wake(0);
  }

  /**
   * The same for a device that has not checked in, and says which order was the last that it saw: what was sent after that may
   * have been lost with its old channel, and is sent again. What it names may be of another gateway, or invented: at worst
   * a device gets what it knows.
   */
  resume(channel: Channel, lastSeq: number | undefined): void {
    for (const order of this.#ports.orders.live()) {
      const isLater = lastSeq !== undefined && order.seq > lastSeq;
      if (isLater && order.repeats && order.sent.has(channel.ordinal)) order.again.add(channel.ordinal);
    }
    this.welcome(channel, undefined);
  }

  stop(): void {
    this.#cancelNext();
    this.#work.clear();
  }

  /** A round no later than that. An earlier one stays as it is, or a stream of check-ins would put it off for ever. */
  #wake(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (this.#nextMs !== undefined && this.#nextMs <= atMs) return;
    this.#cancelNext();
    this.#nextMs = atMs;
    const run = () => {
      this.#nextMs = undefined;
      const waitMs = this.#round();
      if (waitMs !== undefined) this.#wake(waitMs);
    };
    // Both let the sockets have their turn first; a timer of 0 ms would also waste one.
    if (delayMs === 0) {
      const next = setImmediate(run);
      this.#cancelNext = () => clearImmediate(next);
    } else {
      const next = setTimeout(run, delayMs);
      this.#cancelNext = () => clearTimeout(next);
    }
  }

  /**
   * A slice of each live order, for as long as the event loop can be held; whoever did not get a turn is first next time. ms until the
   * next round, undefined when nothing is left to do.
   */
  #round(): number | undefined {
    const { orders, clock } = this.#ports;
    const nowMs = clock.nowMs();
    for (const order of orders.expire(nowMs)) this.#work.delete(order);
    // The dead man's switch: a gateway whose manager is silent stops by itself, and goes on at the next sign of life.
    if (nowMs - this.#managerHeardMs > MANAGER_SILENCE_MAX_MS) this.#isSilenced = true;
    if (this.#isSilenced) return undefined;
    let waitMs: number | undefined;
    const untilMs = performance.now() + SLICE_MS;
    for (const [order, work] of this.#inUrgency()) {
      if (work.at === work.channels.length || orders.isHeld(order)) continue;
      if (performance.now() > untilMs) return 0;
      this.#work.delete(order);
      this.#work.set(order, work);
      const orderWaitMs = this.#slice(order, work, untilMs);
      if (orderWaitMs !== undefined) waitMs = Math.min(waitMs ?? orderWaitMs, orderWaitMs);
    }
    return waitMs;
  }

  /** What stops things goes before what starts them; among these, whoever has waited longest. */
  #inUrgency(): readonly (readonly [LiveOrder, Work])[] {
    const all = [...this.#work];
    return [...all.filter(([{ isStopping }]) => isStopping), ...all.filter(([{ isStopping }]) => !isStopping)];
  }

  /** ms until this order may go on, undefined when it has been written to all. */
  #slice(order: LiveOrder, work: Work, untilMs: number): number | undefined {
    const pace = this.#pace(order.campaignId);
    const ratePerSecond = order.ratePerSecond / this.#ports.parts;
    const allowed = Math.min(pace.available(ratePerSecond), this.#ports.hub.room);
    const begunMs = performance.now();
    let used = 0;
    for (let looked = 1; work.at < work.channels.length && used < allowed && !this.#written.isFull; looked += 1) {
      const connection = work.channels[work.at];
      work.at += 1;
      if (connection !== undefined && this.#sendTo(order, connection)) used += 1;
      if (looked % SLICE_CHANNELS === 0 && performance.now() > untilMs) break;
    }
    pace.take(used);
    this.#mark(order);
    this.counts.slices += 1;
    this.counts.sentBytes += used * order.frame.length;
    this.#sliceMs.note(performance.now() - begunMs, this.#ports.clock.nowMs());
    if (work.at === work.channels.length) {
      this.#work.set(order, { channels: [], at: 0 });
      return undefined;
    }
    return used < allowed ? 0 : Math.min(PACE_LOOK_MAX_MS, 1_000 / ratePerSecond);
  }

  /** Whether the order was written: taken by the kernel, or waiting in the channel's queue. */
  #sendTo(order: LiveOrder, connection: Channel): boolean {
    const { hub, orders } = this.#ports;
    const { ordinal } = connection;
    if (!isDue(order, connection) || orders.isDenied(connection.deviceId)) return false;
    // Listed twice (its time for a check-in ran out, and then it came): the mark of the first is not in the bitmap before the slice ends.
    if (connection.writtenSeq === order.seq && !order.again.has(ordinal)) return false;
    const written = connection.send(order);
    if (written === "refused") {
      hub.close(connection, "ERR_CHANNEL_TOO_SLOW", CLOSE.tryLater);
      return false;
    }
    noteWritten(connection, order);
    order.again.delete(ordinal);
    this.#written.add(ordinal);
    if (written === "queued") {
      this.#queued.push(ordinal);
      connection.onSettled((isTaken) => this.#settled(order, ordinal, isTaken));
    }
    return true;
  }

  /** The marks of one slice, all together. */
  #mark(order: LiveOrder): void {
    const ordinals = this.#written.take();
    order.sent.orInPlace(ordinals);
    for (const ordinal of this.#queued) ordinals.remove(ordinal);
    this.#queued.length = 0;
    this.counts.sent += ordinals.size;
    this.#ports.reporter.markSent(order.seq, ordinals);
    ordinals.dispose();
  }

  /** One that was not marked with its slice: its queue has drained, or it has not. */
  #settled(order: LiveOrder, ordinal: number, isTaken: boolean): void {
    if (!isTaken) {
      order.sent.delete(ordinal);
      return;
    }
    this.counts.sent += 1;
    this.#markOne(order, ordinal);
  }

  #markOne(order: LiveOrder, ordinal: number): void {
    const ordinals = new RoaringBitmap32([ordinal]);
    order.sent.orInPlace(ordinals);
    this.#ports.reporter.markSent(order.seq, ordinals);
    ordinals.dispose();
  }

  #pace(campaignId: string): TokenBucket {
    let pace = this.#paces.get(campaignId);
    if (pace === undefined) this.#paces.set(campaignId, (pace = new TokenBucket(PACE_BURST_SECONDS)));
    return pace;
  }
}

function isDue(order: LiveOrder, { isOpen, isReady, ordinal }: Channel): boolean {
  return isOpen && isReady && order.targets.has(ordinal) && (!order.sent.has(ordinal) || order.again.has(ordinal));
}
