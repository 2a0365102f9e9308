/**
 * The door: from a TCP connection to an admitted channel, or to a message that is taken. In order: room and pace, TLS with a
 * certificate, the certificate looked at again, a proper request, the deny list, the manager's word. Whoever fails is refused
 * with a reason and reported.
 */
import type { X509Certificate } from "node:crypto";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import type { Admission, Backplane } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import { CHANNELS_MAX, HANDSHAKE_MAX_MS, HANDSHAKES_PER_SECOND_MAX, OPENING_MAX_MS, REFUSALS_WAITING_MAX } from "../limits.ts";
import {
  CLOSE,
  errorResponse,
  type GatewayRequest,
  type PostRequest,
  readRequest,
  streamResponse,
  takenResponse,
  upgradeResponse,
} from "../wire/index.ts";
import { Tally } from "../stats/tally.ts";
import type { CloneWatch } from "./clone-watch.ts";
import { type ChannelSocket, Connection } from "./connection.ts";
import { EventStream } from "./event-stream.ts";
import type { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import type { OrderBook } from "./order-book.ts";
import { deviceUris, identityOf, refusalOf } from "./peer-identity.ts";
import { Post } from "./post.ts";
import type { Reporter } from "./reporter.ts";
import { TokenBucket } from "./token-bucket.ts";

interface DoorPorts {
  readonly authorities: readonly X509Certificate[];
  readonly hub: Hub;
  readonly clones: CloneWatch;
  readonly orders: OrderBook;
  readonly reporter: Reporter;
  /** Takes what the device of a stream has posted. Throws EdictError. */
  readonly onPost: (stream: Connection, type: PostRequest["type"], bytes: Uint8Array) => void;
  readonly backplane: Backplane;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

interface Refusal {
  /** As claimed: nothing is believed of it. */
  readonly deviceId: string | undefined;
  /** What is written before the connection is closed. */
  readonly answer?: Uint8Array;
  /** For whoever reads the log. */
  readonly why?: string;
}

const RETRY_AFTER_SECONDS = 30;
/** Another worker of the gateway may have the stream, and the next connection may come to it. */
const POST_RETRY_AFTER_SECONDS = 1;

export class Door {
  readonly #ports: DoorPorts;
  readonly #opening = new Set<Connection>();
  readonly #handshakes = new TokenBucket(1);
  readonly counts = { handshakes: 0, resumptions: 0, opened: 0, refused: 0 };
  readonly refusals = new Tally();
  readonly breaches = new Tally();

  constructor(ports: DoorPorts) {
    this.#ports = ports;
  }

  get opening(): number {
    return this.#opening.size;
  }

  accept(socket: ChannelSocket): void {
    const connection = new Connection(socket, this.#ports.clock.nowMs());
    socket.data = connection;
    // Nothing is known of the peer and TLS has cost nothing yet: it is counted, not reported, or a storm would fill the reports.
    const isCrowded = this.#ports.hub.size + this.#opening.size >= CHANNELS_MAX;
    if (isCrowded || this.#handshakes.available(HANDSHAKES_PER_SECOND_MAX) < 1) {
      this.breaches.add(isCrowded ? "channels" : "handshakes");
      this.#count("ERR_CHANNEL_BUSY");
      connection.closeReason = "ERR_CHANNEL_BUSY";
      socket.terminate();
      return;
    }
    this.#handshakes.take(1);
    this.#opening.add(connection);
  }

  /**
   * Never believes the callback's `ok` nor `socket.authorized` alone: both were seen true for a self-signed certificate, with
   * the error beside them. The certificate is verified again here, on resumed sessions too.
   */
  shaken(socket: ChannelSocket, error: Error | null): void {
    const connection = socket.data;
    if (connection.closeReason !== "") return;
    const certificate = socket.getPeerX509Certificate();
    const claimed = certificate === undefined ? undefined : deviceUris(certificate)[0];
    const flaw = error ?? socket.getAuthorizationError();
    const refusal = flaw === null ? undefined : refusalOf(flaw);
    try {
      if (refusal?.isBroken) throw new ChannelError(refusal.code, flaw?.message ?? "");
      // Our own look comes first: its words are clearer than the library's.
      const identity = identityOf(certificate, this.#ports.authorities, this.#ports.clock.nowMs());
      if (refusal !== undefined) throw new ChannelError(refusal.code, flaw?.message ?? "");
      if (!socket.authorized) throw new ChannelError("ERR_CHANNEL_HANDSHAKE", "TLS does not say what is wrong");
      connection.deviceId = identity;
      this.counts.handshakes += 1;
      if (socket.isSessionReused()) this.counts.resumptions += 1;
    } catch (cause) {
      if (!(cause instanceof EdictError)) throw cause;
      this.#refuse(connection, cause.code, { deviceId: claimed, why: cause.message });
    }
  }

  /** Bytes before the channel stands. Throws ERR_CHANNEL_HTTP. */
  receive(connection: Connection, chunk: Uint8Array): void {
    if (connection.post !== undefined) return this.#receiveBody(connection, connection.post, chunk);
    // RFC 6455 §4.1: a client says nothing between its request and our answer.
    if (connection.head === undefined) return this.#refuseRequest(connection, 400);
    const head = connection.head.push(chunk);
    if (head === undefined) return;
    connection.head = undefined;
    const request = readRequest(head);
    if ("status" in request) return this.#refuseRequest(connection, request.status);
    if (request.kind === "post") {
      connection.post = new Post(request);
      return this.#receiveBody(connection, connection.post, head.rest);
    }
    if (head.rest.length > 0) return this.#refuseRequest(connection, 400);
    void this.#open(connection, request);
  }

  /** A connection that never became a channel has closed. */
  gone(connection: Connection): void {
    this.#opening.delete(connection);
  }

  sweep(nowMs: number): void {
    for (const connection of this.#opening) {
      const mostMs = connection.deviceId === "" ? HANDSHAKE_MAX_MS : OPENING_MAX_MS;
      if (nowMs - connection.acceptedMs > mostMs)
        this.#refuse(connection, "ERR_CHANNEL_TIMEOUT", { deviceId: connection.deviceId || undefined });
    }
  }

  /** Closes whoever has not come through. */
  shut(): void {
    for (const connection of this.#opening) this.#ports.hub.end(connection, "gateway-stopped", CLOSE.goingAway);
    this.#opening.clear();
  }

  /** For a request that cannot be read. */
  refuseMalformed(connection: Connection): void {
    this.#refuseRequest(connection, 400);
  }

  async #open(connection: Connection, request: Exclude<GatewayRequest, PostRequest>): Promise<void> {
    const { clones, hub, clock } = this.#ports;
    const ordinal = await this.#admit(connection);
    if (ordinal === undefined) return;
    // Again and again: another newcomer may have taken the place meanwhile.
    for (let older = hub.holder(ordinal); older !== undefined; older = hub.holder(ordinal)) {
      await clones.settle(older, connection.socket.remoteAddress);
      if (!this.#opening.has(connection)) return;
    }
    if (clones.isKeptOut(connection.deviceId)) return this.#forbid(connection, "ERR_CHANNEL_QUARANTINED");
    this.#opening.delete(connection);
    connection.ordinal = ordinal;
    if (request.kind === "websocket") {
      connection.open(clock.nowMs());
      connection.write(upgradeResponse(request.key));
    } else {
      const stream = new EventStream(request.lastSeq);
      connection.open(clock.nowMs(), stream);
      connection.write(streamResponse());
      connection.write(stream.hello());
    }
    this.counts.opened += 1;
    hub.add(connection);
  }

  #receiveBody(connection: Connection, post: Post, chunk: Uint8Array): void {
    const bytes = post.push(chunk);
    if (bytes !== undefined) void this.#post(connection, post, bytes);
  }

  /** No second channel, so nobody's clone: it counts as said on the stream of its device, and there must be one. */
  async #post(connection: Connection, { request }: Post, bytes: Uint8Array): Promise<void> {
    const { hub, onPost } = this.#ports;
    const ordinal = await this.#admit(connection);
    if (ordinal === undefined) return;
    const stream = hub.holder(ordinal);
    try {
      // Without the secret it is a copy of the key, or the device before it has read its stream, or at another worker of the gateway.
      if (stream?.stream === undefined || stream.stream.secret !== request.channel)
        throw new ChannelError("ERR_CHANNEL_NO_STREAM", "a message is posted beside no stream of the device's");
      onPost(stream, request.type, bytes);
    } catch (cause) {
      if (!(cause instanceof EdictError)) throw cause;
      const { deviceId } = connection;
      return this.#refuse(connection, cause.code, { deviceId, answer: answerTo(cause), why: cause.message });
    }
    this.#opening.delete(connection);
    connection.write(takenResponse());
    hub.end(connection, "posted", CLOSE.normal);
  }

  /** The ordinal of a device that the manager knows and nobody keeps out; undefined when it was refused, or has gone. */
  async #admit(connection: Connection): Promise<number | undefined> {
    const { orders, reporter } = this.#ports;
    const { deviceId } = connection;
    const admission = reporter.isFull ? undefined : await this.#ask(deviceId);
    // The world moved on while the manager was asked: closed by us, or gone.
    if (!this.#opening.has(connection)) return undefined;
    if (admission === undefined) {
      const answer = errorResponse(503, "ERR_CHANNEL_BUSY", RETRY_AFTER_SECONDS);
      this.#refuse(connection, "ERR_CHANNEL_BUSY", { deviceId, answer });
    } else if (orders.isDenied(deviceId)) this.#forbid(connection, "ERR_CHANNEL_DENIED");
    else if (!admission.ok) this.#forbid(connection, admission.reason);
    else return admission.ordinal;
    return undefined;
  }

  #forbid(connection: Connection, reason: string): void {
    this.#refuse(connection, reason, { deviceId: connection.deviceId, answer: errorResponse(403, reason) });
  }

  async #ask(deviceId: string): Promise<Admission | undefined> {
    try {
      return await this.#ports.backplane.admit(deviceId);
    } catch (error) {
      this.#ports.log.error({ err: error, device: deviceId }, "the manager does not say who this is");
      return undefined;
    }
  }

  #refuseRequest(connection: Connection, status: Parameters<typeof errorResponse>[0]): void {
    this.#refuse(connection, "ERR_CHANNEL_HTTP", { deviceId: connection.deviceId, answer: errorResponse(status, "ERR_CHANNEL_HTTP") });
  }

  #refuse(connection: Connection, reason: string, { deviceId, answer, why }: Refusal): void {
    const { hub, reporter, clock, log } = this.#ports;
    this.#count(reason);
    this.#opening.delete(connection);
    log.warn({ device: deviceId, reason, why }, "connection refused");
    // Strangers must not fill the room that the reports of devices need.
    if (reporter.waiting < REFUSALS_WAITING_MAX)
      reporter.add({ kind: "refused", atMs: clock.nowMs(), reason, ...(deviceId !== undefined && { deviceId }) });
    if (answer !== undefined) connection.write(answer);
    hub.end(connection, reason, CLOSE.policy);
  }

  #count(reason: string): void {
    this.counts.refused += 1;
    this.refusals.add(reason);
  }
}

function answerTo({ code, facts }: EdictError): Uint8Array {
  if (code === "ERR_CHANNEL_BUDGET") return errorResponse(429, code, RETRY_AFTER_SECONDS);
  return facts.status === 503 ? errorResponse(503, code, POST_RETRY_AFTER_SECONDS) : errorResponse(400, code);
}
