/**
 * The depot's open connections and their deadlines. A connection costs memory as long as it is open, so each has to
 * bring a request in time (slowloris, idle) and to take its answer in time (a reader that never reads). One timer
 * looks at all of them; the HTTP layer's own timeouts do not see connections that it did not accept itself.
 */
import type { TLSSocket } from "node:tls";
import type { Figures } from "./figures.ts";
import { CONNECTIONS_MAX, CONNECTIONS_PER_DEVICE_MAX, READER_STALL_MS, REQUEST_TIMEOUT_MS, SWEEP_INTERVAL_MS } from "./limits.ts";

interface Connection {
  readonly deviceId: string;
  /** Requests being answered. */
  answering: number;
  /** Bytes written when it last made progress. */
  bytesWritten: number;
  /** Monotonic ms of the last progress: accepted, answered, or a chunk taken. */
  progressMs: number;
}

export class Connections {
  readonly #open = new Map<TLSSocket, Connection>();
  readonly #perDevice = new Map<string, number>();
  readonly #sweeper = setInterval(() => this.sweep(performance.now()), SWEEP_INTERVAL_MS);
  readonly #figures: Pick<Figures, "sent" | "measure">;
  #sweptMs = performance.now();
  #isClosing = false;

  constructor(figures: Pick<Figures, "sent" | "measure">) {
    this.#figures = figures;
  }

  /** Takes a connection into care; false if there is no room for it. */
  admit(socket: TLSSocket, deviceId: string): boolean {
    const ofDevice = this.#perDevice.get(deviceId) ?? 0;
    if (this.#isClosing || this.#open.size >= CONNECTIONS_MAX || ofDevice >= CONNECTIONS_PER_DEVICE_MAX) return false;
    this.#open.set(socket, { deviceId, answering: 0, bytesWritten: 0, progressMs: performance.now() });
    this.#perDevice.set(deviceId, ofDevice + 1);
    socket.once("close", () => this.#forget(socket, deviceId));
    return true;
  }

  deviceOf(socket: TLSSocket): string | undefined {
    return this.#open.get(socket)?.deviceId;
  }

  answerBegins(socket: TLSSocket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.answering += 1;
    connection.progressMs = performance.now();
  }

  answerEnds(socket: TLSSocket): void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return;
    connection.answering -= 1;
    connection.progressMs = performance.now();
    if (this.#isClosing && connection.answering === 0) socket.destroy();
  }

  /** Counts what left, and closes what is past its deadline at `nowMs` (monotonic). */
  sweep(nowMs: number): void {
    for (const [socket, connection] of this.#open) {
      if (this.#count(socket, connection) && connection.answering > 0) connection.progressMs = nowMs;
      const patienceMs = connection.answering > 0 ? READER_STALL_MS : REQUEST_TIMEOUT_MS;
      if (nowMs - connection.progressMs > patienceMs) socket.destroy();
    }
    if (nowMs > this.#sweptMs) this.#figures.measure(nowMs - this.#sweptMs);
    this.#sweptMs = nowMs;
  }

  /** Closes idle connections now, the others when their answer is done or after the grace. Resolves when all are closed. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#sweeper);
    const closed = [...this.#open.keys()].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    for (const [socket, { answering }] of this.#open) if (answering === 0) socket.destroy();
    const grace = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy();
    }, graceMs);
    await Promise.all(closed);
    clearTimeout(grace);
  }

  /** Whether bytes have left since the last time. */
  #count(socket: TLSSocket, connection: Connection): boolean {
    const bytes = socket.bytesWritten - connection.bytesWritten;
    if (bytes <= 0) return false;
    connection.bytesWritten += bytes;
    this.#figures.sent(bytes);
    return true;
  }

  #forget(socket: TLSSocket, deviceId: string): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) this.#count(socket, connection);
    this.#open.delete(socket);
    const left = (this.#perDevice.get(deviceId) ?? 1) - 1;
    if (left === 0) this.#perDevice.delete(deviceId);
    else this.#perDevice.set(deviceId, left);
  }
}
