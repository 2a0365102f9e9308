/**
 * Keeps what the gateway has to tell until the manager has committed it: in order, in batches, tried again when it fails.
 * Who was sent to is gathered in one bitmap per order, so a fan-out to everybody is a handful of reports.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../../trust/clock.ts";
import type { Backplane, GatewayReport } from "../backplane/port.ts";
import { REPORT_MS, REPORTS_PER_BATCH, REPORTS_WAITING_MAX } from "../limits.ts";
import type { GatewayLog } from "./log.ts";

interface Marks {
  readonly ordinals: RoaringBitmap32;
  /** ms since the epoch of the newest mark. */
  atMs: number;
}

export class Reporter {
  readonly #backplane: Backplane;
  readonly #clock: Clock;
  readonly #log: GatewayLog;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #marks = new Map<number, Marks>();
  #waiting: GatewayReport[] = [];
  #flushing: Promise<void> | undefined;
  #unaskedBytes = 0;
  #isRefused = false;

  constructor(backplane: Backplane, clock: Clock, log: GatewayLog) {
    this.#backplane = backplane;
    this.#clock = clock;
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), REPORT_MS);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes since the start that came up in answer to commands that asked for none. */
  get unaskedBytes(): number {
    return this.#unaskedBytes;
  }

  /** The manager takes nothing any more: nobody new is let in and nothing is taken from devices, so that nothing known is forgotten. */
  get isFull(): boolean {
    return this.#waiting.length >= REPORTS_WAITING_MAX;
  }

  add(report: GatewayReport): void {
    if (report.kind === "unasked-bytes") this.#unaskedBytes += report.bytes;
    this.#waiting.push(report);
  }

  /** The kernel has taken the whole of this order for these devices. */
  markSent(seq: number, ordinals: RoaringBitmap32): void {
    if (ordinals.isEmpty) return;
    let marks = this.#marks.get(seq);
    if (marks === undefined) this.#marks.set(seq, (marks = { ordinals: new RoaringBitmap32(), atMs: 0 }));
    marks.ordinals.orInPlace(ordinals);
    marks.atMs = this.#clock.nowMs();
  }

  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Tells what is left to tell. What the manager does not take now, it learns when the devices come back. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.flush();
  }

  async #flush(): Promise<void> {
    this.#collectMarks();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, REPORTS_PER_BATCH);
      try {
        await this.#backplane.report(batch);
      } catch (error) {
        // Said once: it is tried again ten times a second.
        if (!this.#isRefused) this.#log.error({ err: error, waiting: this.#waiting.length }, "the manager takes no reports; they are kept");
        this.#isRefused = true;
        return;
      }
      this.#isRefused = false;
      this.#waiting = this.#waiting.slice(batch.length);
    }
  }

  /** Before the rest: what a device answers must not be reported before the order was sent to it. */
  #collectMarks(): void {
    const sent: GatewayReport[] = [];
    for (const [seq, { ordinals, atMs }] of this.#marks) {
      sent.push({ kind: "sent", seq, atMs, ordinals: ordinals.serialize("portable") });
      ordinals.dispose();
    }
    this.#marks.clear();
    if (sent.length > 0) this.#waiting = [...sent, ...this.#waiting];
  }
}
