/**
 * Notices slow retrieval (TUF 1.0 §1.5.2): a mirror that trickles keeps a device vulnerable as surely as one that is
 * silent. A mirror starts with some patience; waiting for it uses patience up, each byte earns some back. Only waiting
 * for the mirror counts, not what the device does with the bytes.
 */
import { MirrorFailure } from "./mirrors.ts";

export interface Rate {
  readonly bytesPerSecondMin: number;
  /** How long a mirror may owe bytes. */
  readonly patienceMs: number;
}

export class RateWatch {
  readonly #rate: Rate;
  #patienceMs: number;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#patienceMs = rate.patienceMs;
  }

  /** The mirror's answer, or a MirrorFailure (ERR_DEPOT_SLOW) when patience ends first. */
  async waitFor<T>(answer: Promise<T>): Promise<T> {
    const startedMs = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slow = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#tooSlow()), this.#patienceMs);
    });
    try {
      return await Promise.race([answer, slow]);
    } finally {
      clearTimeout(timer);
      this.#patienceMs = Math.max(0, this.#patienceMs - (performance.now() - startedMs));
    }
  }

  received(bytes: number): void {
    const { bytesPerSecondMin, patienceMs } = this.#rate;
    this.#patienceMs = Math.min(patienceMs, this.#patienceMs + (bytes * 1000) / bytesPerSecondMin);
  }

  #tooSlow(): MirrorFailure {
    return new MirrorFailure("ERR_DEPOT_SLOW", `sends fewer than ${this.#rate.bytesPerSecondMin} bytes a second`);
  }
}
