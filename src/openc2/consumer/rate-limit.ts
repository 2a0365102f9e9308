/** The advertised rate_limit (LS 1.0 §4.1), enforced: so many messages a minute from each peer, a minute's worth at once. Pure. */
import { PEERS_MAX } from "./limits.ts";

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateLimit {
  readonly #perMinute: number;
  /** In the order in which peers were last heard of. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** False when the peer has used up what it may send. */
  take(peer: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(peer) ?? { tokens: this.#perMinute, atMs: nowMs };
    // A clock that was set back gives nothing, and takes nothing away.
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + (elapsedMs * this.#perMinute) / 60_000);
    bucket.atMs = nowMs;
    this.#buckets.delete(peer);
    this.#buckets.set(peer, bucket);
    if (this.#buckets.size > PEERS_MAX) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
