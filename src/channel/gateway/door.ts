/**
 * The door: from a TCP connection to an admitted channel. In order: room and pace, TLS with a certificate, the certificate
 * looked at again, a proper upgrade, the deny list, the manager's word. Whoever fails is refused with a reason and reported.
 */
import type { X509Certificate } from "node:crypto";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import type { Admission, Backplane } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import { CHANNELS_MAX, HANDSHAKE_MAX_MS, HANDSHAKES_PER_SECOND_MAX, OPENING_MAX_MS, REFUSALS_WAITING_MAX } from "../limits.ts";
import { checkUpgrade, CLOSE, errorResponse, upgradeResponse } from "../wire/index.ts";
import { Tally } from "../stats/tally.ts";
import type { CloneWatch } from "./clone-watch.ts";
import { type ChannelSocket, Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import type { OrderBook } from "./order-book.ts";
import { deviceUris, identityOf, refusalOf } from "./peer-identity.ts";
import type { Reporter } from "./reporter.ts";
import { TokenBucket } from "./token-bucket.ts";

interface DoorPorts {
  readonly authorities: readonly X509Certificate[];
  readonly hub: Hub;
  readonly clones: CloneWatch;
  readonly orders: OrderBook;
  readonly reporter: Reporter;
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
    // RFC 6455 §4.1: a client says nothing between its request and our answer.
    if (connection.head === undefined) return this.#refuseRequest(connection, 400);
    const head = connection.head.push(chunk);
    if (head === undefined) return;
    connection.head = undefined;
    const upgrade = checkUpgrade(head);
    if ("status" in upgrade) return this.#refuseRequest(connection, upgrade.status);
    if (head.rest.length > 0) return this.#refuseRequest(connection, 400);
    void this.#admit(connection, upgrade.key);
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

  async #admit(connection: Connection, key: string): Promise<void> {
    const { orders, clones, reporter, hub, clock } = this.#ports;
    const { deviceId, socket } = connection;
    const admission = reporter.isFull ? undefined : await this.#ask(deviceId);
    // The world moved on while the manager was asked: closed by us, or gone.
    if (!this.#opening.has(connection)) return;
    if (admission === undefined)
      return this.#refuse(connection, "ERR_CHANNEL_BUSY", {
        deviceId,
        answer: errorResponse(503, "ERR_CHANNEL_BUSY", RETRY_AFTER_SECONDS),
      });
    const forbid = (reason: string) => this.#refuse(connection, reason, { deviceId, answer: errorResponse(403, reason) });
    if (orders.isDenied(deviceId)) return forbid("ERR_CHANNEL_DENIED");
    if (!admission.ok) return forbid(admission.reason);
    // Again and again: another newcomer may have taken the place meanwhile.
    for (let older = hub.holder(admission.ordinal); older !== undefined; older = hub.holder(admission.ordinal)) {
      await clones.settle(older, socket.remoteAddress);
      if (!this.#opening.has(connection)) return;
    }
    if (clones.isKeptOut(deviceId)) return forbid("ERR_CHANNEL_QUARANTINED");
    this.#opening.delete(connection);
    connection.ordinal = admission.ordinal;
    connection.open(clock.nowMs());
    connection.write(upgradeResponse(key));
    this.counts.opened += 1;
    hub.add(connection);
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
