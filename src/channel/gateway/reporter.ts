/** Keeps what the gateway has to tell until the manager has committed it: in order, in batches, tried again when it fails. */
import type { Backplane, GatewayReport } from "../backplane/port.ts";
import { REPORT_MS, REPORTS_PER_BATCH, REPORTS_WAITING_MAX } from "../limits.ts";
import type { GatewayLog } from "./log.ts";

export class Reporter {
  readonly #backplane: Backplane;
  readonly #log: GatewayLog;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: GatewayReport[] = [];
  #flushing: Promise<void> | undefined;

  constructor(backplane: Backplane, log: GatewayLog) {
    this.#backplane = backplane;
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), REPORT_MS);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** When the manager takes nothing any more, nobody new is let in: what is known already must not be forgotten. */
  get isFull(): boolean {
    return this.#waiting.length >= REPORTS_WAITING_MAX;
  }

  add(report: GatewayReport): void {
    this.#waiting.push(report);
  }

  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.flush();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, REPORTS_PER_BATCH);
      try {
        await this.#backplane.report(batch);
      } catch (error) {
        this.#log.error({ err: error, waiting: this.#waiting.length }, "the manager did not take a report; it is kept");
        return;
      }
      this.#waiting = this.#waiting.slice(batch.length);
    }
  }
}
