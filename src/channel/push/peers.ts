/**
 * Who is at the other end, and how much it may do at once. A producer's identity is the one name in its certificate's SAN, a URI
 * before a DNS name; never a header, never what a message says of itself.
 */
import type { X509Certificate } from "node:crypto";
import { ChannelError } from "../errors.ts";
import { checkCertificate } from "../gateway/peer-identity.ts";
import { TokenBucket } from "../gateway/token-bucket.ts";
import { CONNECTIONS_PER_PEER_MAX, REQUESTS_PER_SECOND_PER_PEER_MAX } from "./limits.ts";

/** A name with more in it (quotes, commas, spaces) could be printed to look like two. DNS names have at most 255 characters. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9.:/@_=;+-]{0,254}$/;

/** Throws ERR_CHANNEL_NO_CERTIFICATE, _CERTIFICATE_CHAIN, _TIME, _USAGE or ERR_CHANNEL_IDENTITY. */
export function producerOf(given: X509Certificate | undefined, authorities: readonly X509Certificate[], nowMs: number): string {
  const alternatives = (checkCertificate(given, authorities, nowMs).subjectAltName ?? "").split(", ");
  const named = (kind: string) => alternatives.filter((name) => name.startsWith(kind)).map((name) => name.slice(kind.length));
  const uris = named("URI:");
  const names = uris.length > 0 ? uris : named("DNS:");
  const [name = ""] = names;
  if (names.length !== 1 || !NAME.test(name))
    throw new ChannelError("ERR_CHANNEL_IDENTITY", `not exactly one name but "${alternatives.join(", ")}"`);
  return name;
}

interface Peer {
  connections: number;
  readonly pace: TokenBucket;
}

/** Counts per peer, over all of its connections. */
export class Peers {
  readonly #peers = new Map<string, Peer>();
  readonly #requestsPerSecondMax: number;

  constructor(requestsPerSecondMax = REQUESTS_PER_SECOND_PER_PEER_MAX) {
    this.#requestsPerSecondMax = requestsPerSecondMax;
  }

  /** False: it has as many connections as it may. */
  connect(name: string): boolean {
    const peer = this.#peers.get(name) ?? { connections: 0, pace: new TokenBucket(1) };
    if (peer.connections >= CONNECTIONS_PER_PEER_MAX) return false;
    peer.connections += 1;
    this.#peers.set(name, peer);
    return true;
  }

  disconnect(name: string): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined) peer.connections -= 1;
  }

  /** Whether it may ask once more now. */
  ask(name: string): boolean {
    const pace = this.#peers.get(name)?.pace;
    if (pace === undefined || pace.available(this.#requestsPerSecondMax) < 1) return false;
    pace.take(1);
    return true;
  }

  /** Forgets whoever is gone and has its whole pace back, so that reconnecting buys nothing. */
  sweep(): void {
    for (const [name, { connections, pace }] of this.#peers) {
      if (connections === 0 && pace.available(this.#requestsPerSecondMax) >= this.#requestsPerSecondMax) this.#peers.delete(name);
    }
  }
}
