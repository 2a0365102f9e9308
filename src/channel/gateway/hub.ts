/** The standing channels of one gateway, by ordinal: one per identity. It reports who comes and who goes. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../../trust/clock.ts";
import { CLOSING_MAX_MS, IDLE_DEAD_MS, IDLE_PING_MS } from "../limits.ts";
import { CLOSE } from "../wire/index.ts";
import { Tally } from "../stats/tally.ts";
import type { Connection } from "./connection.ts";
import type { Reporter } from "./reporter.ts";

export class Hub {
  /** Each channel has a queue of its own. */
  readonly room = Number.POSITIVE_INFINITY;
  readonly #reporter: Reporter;
  readonly #clock: Clock;
  readonly #byOrdinal = new Map<number, Connection>();
  /** Closed by us, but the peer has not let go yet: connection -> since when, ms since the epoch. */
  readonly #closing = new Map<Connection, number>();
  readonly closings = new Tally();
  #whenEmpty: () => void = () => {};

  constructor(reporter: Reporter, clock: Clock) {
    this.#reporter = reporter;
    this.#clock = clock;
  }

  get size(): number {
    return this.#byOrdinal.size;
  }

  /** What kernels have not taken yet, and of how many channels. */
  get backlog(): { readonly backlogged: number; readonly queuedBytes: number } {
    let backlogged = 0;
    let queuedBytes = 0;
    for (const connection of this.all()) {
      if (connection.queuedBytes > 0) backlogged += 1;
      queuedBytes += connection.queuedBytes;
    }
    return { backlogged, queuedBytes };
  }

  all(): Iterable<Connection> {
    return this.#byOrdinal.values();
  }

  /** The standing channel of this identity. */
  holder(ordinal: number): Connection | undefined {
    return this.#byOrdinal.get(ordinal);
  }

  /** Adds a channel. There is no other of the same identity: the door saw to that (clone-watch.ts). */
  add(connection: Connection): void {
    const { ordinal } = connection;
    this.#byOrdinal.set(ordinal, connection);
    this.#reporter.add({ kind: "connected", ordinal, atMs: this.#clock.nowMs() });
  }

  /** Tells a manager that was away who stands here. */
  reportStanding(): void {
    const ordinals = new RoaringBitmap32(this.#byOrdinal.keys());
    this.#reporter.add({ kind: "standing", atMs: this.#clock.nowMs(), ordinals: ordinals.serialize("portable") });
    ordinals.dispose();
  }

  /** Closes a standing channel and reports why. */
  close(connection: Connection, reason: string, code: number): void {
    // In this order: a cut socket says that it is gone before `end` returns.
    this.#forget(connection, reason);
    this.end(connection, reason, code);
  }

  /** Closes any connection; one whose peer does not let go is cut off by the sweep. */
  end(connection: Connection, reason: string, code: number): void {
    if (connection.closeReason !== "") return;
    this.#closing.set(connection, this.#clock.nowMs());
    connection.close(reason, code);
  }

  /** The socket has closed, whoever began it. */
  gone(connection: Connection): void {
    connection.gone();
    this.#closing.delete(connection);
    this.#forget(connection, "device-gone");
    if (this.#closing.size === 0) this.#whenEmpty();
  }

  /** Resolves when all that was closed has gone, or its time is over. */
  async emptied(timeoutMs: number): Promise<void> {
    if (this.#closing.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenEmpty = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
  }

  sweep(nowMs: number): void {
    for (const [connection, sinceMs] of this.#closing) if (nowMs - sinceMs > CLOSING_MAX_MS) connection.socket.terminate();
    for (const connection of this.all()) {
      const silentMs = nowMs - connection.lastHeardMs;
      if (silentMs > IDLE_DEAD_MS) this.close(connection, "ERR_CHANNEL_TIMEOUT", CLOSE.goingAway);
      else if (silentMs > IDLE_PING_MS && !connection.isPinged) this.#keepAlive(connection, nowMs);
    }
  }

  #keepAlive(connection: Connection, nowMs: number): void {
    const { wrapping, stream } = connection;
    const written = wrapping === undefined ? "refused" : connection.write(wrapping.keepAlive);
    // Nothing comes up a stream: that its kernel has room is all there is to hear of it.
    if (stream !== undefined && written === "taken") connection.lastHeardMs = nowMs;
    else connection.isPinged = written !== "refused";
  }

  #forget(connection: Connection, reason: string): void {
    const { ordinal } = connection;
    if (this.#byOrdinal.get(ordinal) !== connection) return;
    this.#byOrdinal.delete(ordinal);
    this.closings.add(reason);
    this.#reporter.add({ kind: "disconnected", ordinal, atMs: this.#clock.nowMs(), reason });
  }
}
