/** How fast requests may come: all together, and from each certificate. */
import { TokenBucket } from "../../channel/gateway/token-bucket.ts";
import { EnrolmentError } from "../errors.ts";
import { PEERS_WATCHED_MAX, REQUESTS_PER_MINUTE_MAX, REQUESTS_PER_SECOND_MAX } from "../limits.ts";

export class Pace {
  readonly #all = new TokenBucket(1);
  readonly #peers = new Map<string, TokenBucket>();

  /** Throws ERR_ENROLMENT_PACE. A peer that is too fast costs the others nothing. */
  take(fingerprint: string): void {
    const peer = this.#peers.get(fingerprint) ?? new TokenBucket(60);
    // The one that was quiet for longest is forgotten first.
    this.#peers.delete(fingerprint);
    this.#peers.set(fingerprint, peer);
    const [oldest] = this.#peers.keys();
    if (this.#peers.size > PEERS_WATCHED_MAX && oldest !== undefined) this.#peers.delete(oldest);
    if (peer.available(REQUESTS_PER_MINUTE_MAX / 60) < 1)
      throw new EnrolmentError("ERR_ENROLMENT_PACE", `more than ${REQUESTS_PER_MINUTE_MAX} requests a minute from one certificate`);
    if (this.#all.available(REQUESTS_PER_SECOND_MAX) < 1)
      throw new EnrolmentError("ERR_ENROLMENT_PACE", `more than ${REQUESTS_PER_SECOND_MAX} requests a second from all devices`);
    peer.take(1);
    this.#all.take(1);
  }
}
