/**
 * The HTTP listener of an OpenC2 consumer (HTTPS v1.1): mutual TLS for operations, or plain HTTP for testing, never both (§4.1).
 * It authenticates the producer, reads HTTP, and hands each message to the consumer; it holds no opinion about commands.
 */
import type { TCPSocketListener } from "bun";
import type { X509Certificate } from "node:crypto";
import type { ConsumerPort } from "../../openc2/consumer/port.ts";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import type { GatewayLog } from "../gateway/log.ts";
import { readAuthorities } from "../gateway/peer-identity.ts";
import { TokenBucket } from "../gateway/token-bucket.ts";
import { HANDSHAKES_PER_SECOND_MAX } from "../limits.ts";
import { PushConnection, type PushSocket } from "./connection.ts";
import { Exchange } from "./exchange.ts";
import { CONNECTIONS_MAX, STOPPING_MAX_MS, SWEEP_MS } from "./limits.ts";
import { Peers, producerOf } from "./peers.ts";

export interface HttpsConsumerOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `caPem`: the authorities whose producers may connect. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
  /** Plain HTTP from anybody who reaches the port; the peer is then called "testing". */
  readonly testing?: boolean;
  readonly consumer: ConsumerPort;
  /** Which producers, by the name in their certificate. Absent: all that the authorities certified. */
  readonly isAllowed?: (peer: string) => boolean;
  readonly cbor?: boolean;
  /** Of one peer, over all of its connections. */
  readonly requestsPerSecondMax?: number;
  readonly clock: Clock;
  /** 0..1, for the spread of Retry-After. */
  readonly random: () => number;
  readonly log: Pick<GatewayLog, "info" | "warn" | "error">;
}

/** Bun takes the version's number only; the name is silently ignored. */
const TLS_1_2 = 0x0303;
/** For TLS 1.2: forward secrecy and AEAD, which leaves out NULL and all of RFC 7540 Appendix A (HTTPS v1.1 §3.2.3). TLS 1.3 has no others. */
const CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20";
const TESTING_PEER = "testing";

export class HttpsConsumer {
  readonly #options: HttpsConsumerOptions;
  readonly #authorities: readonly X509Certificate[];
  readonly #peers: Peers;
  readonly #exchange: Exchange;
  readonly #connections = new Set<PushConnection>();
  readonly #handshakes = new TokenBucket(1);
  readonly #listener: TCPSocketListener<PushConnection>;
  readonly #sweeper: ReturnType<typeof setInterval>;
  #emptied: (() => void) | undefined;

  /** Listens at once. Throws ERR_CHANNEL_TARGET unless it is told exactly one of operations and testing. */
  constructor(options: HttpsConsumerOptions) {
    const { tls, testing = false, consumer, isAllowed = () => true, cbor = false, clock, random, log } = options;
    // H14: an operational consumer must not be reachable without TLS.
    if ((tls !== undefined) === testing)
      throw new ChannelError("ERR_CHANNEL_TARGET", "a consumer listens for operations or for testing, one of them (HTTPS v1.1 §4.1)");
    this.#options = options;
    this.#peers = new Peers(options.requestsPerSecondMax);
    this.#authorities = readAuthorities(tls?.caPem ?? "");
    this.#exchange = new Exchange({ consumer, isAllowed, cbor, peers: this.#peers, clock, random, log });
    this.#listener = this.#listen();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    log.info({ port: this.port, testing }, "an OpenC2 consumer listens");
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Takes no more requests, lets answers under way out for a moment, closes everything. */
  async stop(): Promise<void> {
    this.#listener.stop();
    for (const connection of this.#connections) connection.close();
    if (this.#connections.size > 0) {
      const emptied = new Promise<void>((resolve) => (this.#emptied = resolve));
      await Promise.race([emptied, Bun.sleep(STOPPING_MAX_MS)]);
    }
    clearInterval(this.#sweeper);
    this.#listener.stop(true);
  }

  #listen(): TCPSocketListener<PushConnection> {
    const { hostname, port, tls, log } = this.#options;
    return Bun.listen<PushConnection>({
      hostname,
      port,
      allowHalfOpen: true,
      ...(tls && { tls: secure(tls) }),
      socket: {
        open: (socket) => this.#accept(socket),
        handshake: (socket, _ok, error) => this.#shaken(socket, error),
        data: (socket, chunk) => socket.data.receive(chunk),
        drain: (socket) => socket.data.drain(),
        end: (socket) => socket.data.close(),
        close: (socket) => this.#gone(socket),
        error: (socket, error) => log.warn({ err: error, peer: socket.data.peer }, "socket error"),
      },
    });
  }

  #accept(socket: PushSocket): void {
    const connection = new PushConnection(socket, this.#exchange, this.#options.clock);
    socket.data = connection;
    if (this.#connections.size >= CONNECTIONS_MAX || this.#handshakes.available(HANDSHAKES_PER_SECOND_MAX) < 1) {
      socket.terminate();
      return;
    }
    this.#handshakes.take(1);
    this.#connections.add(connection);
    if (this.#options.testing === true) this.#admit(socket, TESTING_PEER);
  }

  /** Never believes the callback's `ok` nor `socket.authorized` alone (see gateway/door.ts): the certificate is verified again. */
  #shaken(socket: PushSocket, error: Error | null): void {
    try {
      const peer = producerOf(socket.getPeerX509Certificate(), this.#authorities, this.#options.clock.nowMs());
      const flaw = error ?? socket.getAuthorizationError();
      if (flaw !== null || !socket.authorized) throw new ChannelError("ERR_CHANNEL_CERTIFICATE_CHAIN", flaw?.message ?? "not authorised");
      this.#admit(socket, peer);
    } catch (cause) {
      if (!(cause instanceof EdictError)) throw cause;
      this.#options.log.warn({ address: socket.remoteAddress, reason: cause.code, detail: cause.message }, "connection refused");
      socket.terminate();
    }
  }

  #admit(socket: PushSocket, peer: string): void {
    if (this.#peers.connect(peer)) socket.data.open(peer);
    else socket.terminate();
  }

  #gone({ data: connection }: PushSocket): void {
    this.#connections.delete(connection);
    if (connection.peer !== "") this.#peers.disconnect(connection.peer);
    if (this.#connections.size === 0) this.#emptied?.();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#connections) if (connection.isOverdue(nowMs)) connection.expire();
    this.#peers.sweep();
  }
}

function secure({ certPem, keyPem, caPem }: NonNullable<HttpsConsumerOptions["tls"]>) {
  const who = { cert: certPem, key: keyPem, ca: caPem, requestCert: true, rejectUnauthorized: true };
  return { ...who, minVersion: TLS_1_2, ciphers: CIPHERS };
}
