/**
 * The order in which a device asks its depots. Each mirror that fails is left alone for a while: decorrelated jitter
 * (each wait is drawn between the base and three times the last one), or the Retry-After that it asked for, so that a
 * million devices do not come back in step. The failures in a row are counted, and after too many the device gives up.
 */
import { DepotError, type DepotErrorCode } from "../errors.ts";
import { ATTEMPTS_MAX, BACKOFF_BASE_MS, BACKOFF_CAP_MS, RETRY_AFTER_JITTER } from "../limits.ts";

/** What one mirror did wrong. */
export class MirrorFailure extends Error {
  readonly code: DepotErrorCode;
  /** How long the mirror asked to be left alone. */
  readonly retryAfterMs: number;

  constructor(code: DepotErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

export interface Patience {
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

interface Mirror {
  readonly url: string;
  /** Monotonic ms before which it is not asked. */
  notBeforeMs: number;
  waitMs: number;
}

/** These pass by themselves; a mirror that did anything else is not asked again on this visit. */
const PASSING: readonly DepotErrorCode[] = ["ERR_DEPOT_UNREACHABLE", "ERR_DEPOT_BUSY", "ERR_DEPOT_CUT", "ERR_DEPOT_SLOW"];

export function isPassing(code: DepotErrorCode): boolean {
  return PASSING.includes(code);
}

export class Mirrors {
  readonly #mirrors: Mirror[];
  readonly #patience: Patience;
  readonly #failures = new Map<string, MirrorFailure>();
  #attemptsLeft = ATTEMPTS_MAX;

  /** Begins with the mirror at `first` (modulo their number). */
  constructor(urls: readonly string[], first: number, patience: Patience) {
    const start = first % urls.length;
    this.#mirrors = [...urls.slice(start), ...urls.slice(0, start)].map((url) => ({ url, notBeforeMs: 0, waitMs: BACKOFF_BASE_MS }));
    this.#patience = patience;
  }

  /**
   * Attempts at one mirror after another until one succeeds. An attempt blames its mirror with a MirrorFailure; any
   * other error is the caller's own and ends the visit. Throws DepotError: ERR_DEPOT_ABORTED, or the gravest failure's
   * code with what each mirror did.
   */
  async visit<T>(attempt: (url: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      for (;;) {
        const mirror = await this.#next(signal);
        try {
          return await attempt(mirror.url);
        } catch (error) {
          if (!(error instanceof MirrorFailure) || signal?.aborted) throw error;
          this.#failed(mirror, error);
        }
      }
    } catch (error) {
      if (signal?.aborted) throw new DepotError("ERR_DEPOT_ABORTED", "the transfer was stopped by the device", { cause: error });
      throw error;
    }
  }

  /** Bytes came: the count of failures in a row starts again. */
  progressed(): void {
    this.#attemptsLeft = ATTEMPTS_MAX;
  }

  /** Waits for the mirror that may be asked soonest. */
  async #next(signal?: AbortSignal): Promise<Mirror> {
    signal?.throwIfAborted();
    const [first, ...others] = this.#mirrors;
    if (first === undefined) throw this.#givingUp();
    const mirror = others.reduce((soonest, other) => (other.notBeforeMs < soonest.notBeforeMs ? other : soonest), first);
    const waitMs = mirror.notBeforeMs - performance.now();
    if (waitMs > 0) await this.#patience.sleep(waitMs, signal);
    return mirror;
  }

  #failed(mirror: Mirror, failure: MirrorFailure): void {
    this.#failures.set(mirror.url, failure);
    this.#attemptsLeft -= 1;
    if (this.#attemptsLeft <= 0) throw this.#givingUp();
    if (!isPassing(failure.code)) this.#mirrors.splice(this.#mirrors.indexOf(mirror), 1);
    mirror.waitMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS + this.#patience.random() * (mirror.waitMs * 3 - BACKOFF_BASE_MS));
    // Never earlier than it asked for, and not all at once either: a cache may tell everybody the same.
    const askedMs = failure.retryAfterMs * (1 + RETRY_AFTER_JITTER * this.#patience.random());
    mirror.notBeforeMs = performance.now() + Math.max(mirror.waitMs, askedMs);
  }

  #givingUp(): DepotError {
    const [gravest] = [...this.#failures.values()].sort((a, b) => GRAVITY.indexOf(a.code) - GRAVITY.indexOf(b.code));
    const said = [...this.#failures].map(([url, failure]) => `${url} ${failure.message}`).join("; ");
    return new DepotError(gravest?.code ?? "ERR_DEPOT_UNREACHABLE", said || "this device has no depot", { cause: gravest });
  }
}

/** What to report when mirrors differ: an attack before an answer, an answer before silence. */
const GRAVITY: readonly DepotErrorCode[] = [
  "ERR_DEPOT_METADATA_SIGNATURE",
  "ERR_DEPOT_METADATA_ROLLBACK",
  "ERR_DEPOT_METADATA_EXPIRED",
  "ERR_DEPOT_METADATA",
  "ERR_DEPOT_TOO_LONG",
  "ERR_DEPOT_RESPONSE",
  "ERR_DEPOT_RELEASE_NOT_FOUND",
  "ERR_DEPOT_BLOB_NOT_FOUND",
  "ERR_DEPOT_SLOW",
  "ERR_DEPOT_CUT",
  "ERR_DEPOT_BUSY",
  "ERR_DEPOT_UNREACHABLE",
];
