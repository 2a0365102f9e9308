/**
 * The gateway: one TLS 1.3 port with required client certificates; each connection becomes a standing channel or is refused
 * with a reason. It holds no key that a device obeys, and treats commands as opaque bytes.
 */
import { X509Certificate } from "node:crypto";
import type { TCPSocketListener } from "bun";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import type { Director } from "../../trust/director.ts";
import type { Backplane } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import { CHANNELS_MAX, IDLE_DEAD_MS, IDLE_PING_MS, OPENING_MAX_MS, SWEEP_MS } from "../limits.ts";
import {
  checkUpgrade,
  CLOSE,
  encodeFrame,
  encodeGoodbye,
  errorResponse,
  type Frame,
  FrameError,
  type Head,
  OPCODES,
  parseUpward,
  upgradeResponse,
} from "../wire/index.ts";
import { type ChannelSocket, Connection } from "./connection.ts";
import { FanOut } from "./fan-out.ts";
import { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import { OrderBook } from "./order-book.ts";
import { deviceUris, identityOf, refusalCode } from "./peer-identity.ts";
import { Reporter } from "./reporter.ts";

export interface GatewayOptions {
  readonly name: string;
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
  readonly director: Director;
  readonly backplane: Backplane;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

export interface GatewayStats {
  readonly channels: number;
  readonly refused: number;
  readonly sent: number;
  readonly reportsWaiting: number;
}

const TLS_1_3 = 0x0304;
const PING = encodeFrame(OPCODES.ping, new Uint8Array(0));
const RETRY_AFTER_SECONDS = 30;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #authority: X509Certificate;
  readonly #hub = new Hub();
  readonly #opening = new Set<Connection>();
  readonly #reporter: Reporter;
  readonly #orders: OrderBook;
  readonly #fanOut: FanOut;
  readonly #listener: TCPSocketListener<Connection>;
  readonly #unsubscribe: () => void;
  readonly #sweeper: ReturnType<typeof setInterval>;
  #managerHeardMs: number;
  #refused = 0;

  constructor(options: GatewayOptions) {
    const { backplane, director, clock, log, tls } = options;
    this.#options = options;
    this.#authority = new X509Certificate(tls.caPem);
    this.#managerHeardMs = clock.nowMs();
    this.#reporter = new Reporter(backplane, log);
    this.#orders = new OrderBook({
      backplane,
      director,
      clock,
      log,
      reporter: this.#reporter,
      onLive: () => this.#fanOut.run(),
      onDenied: () => this.#closeDenied(),
    });
    this.#fanOut = new FanOut({
      hub: this.#hub,
      orders: this.#orders,
      reporter: this.#reporter,
      clock,
      managerHeardMs: () => this.#managerHeardMs,
    });
    this.#unsubscribe = backplane.subscribe(() => this.#nudge());
    this.#listener = this.#listen();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  get port(): number {
    return this.#listener.port;
  }

  stats(): GatewayStats {
    return { channels: this.#hub.size, refused: this.#refused, sent: this.#fanOut.sentCount, reportsWaiting: this.#reporter.waiting };
  }

  /** Knows every order and deny list that there is. */
  ready(): Promise<void> {
    return this.#orders.catchUp();
  }

  /** Says goodbye with the delay after which devices should come back, and reports what is left to report. */
  async stop({ delayMs }: { readonly delayMs: number }): Promise<void> {
    this.#fanOut.stop();
    this.#unsubscribe();
    clearInterval(this.#sweeper);
    const goodbye = encodeFrame(OPCODES.text, encodeGoodbye({ delay_ms: delayMs }));
    for (const connection of this.#hub.all()) {
      connection.write(goodbye);
      connection.close("gateway stops", CLOSE.goingAway);
    }
    this.#listener.stop(true);
    await this.#reporter.stop();
  }

  #nudge(): void {
    this.#managerHeardMs = this.#options.clock.nowMs();
    this.#orders.catchUp().then(
      () => this.#fanOut.run(),
      (error: unknown) => this.#options.log.error({ err: error }, "orders cannot be read; the next nudge tries again"),
    );
  }

  #listen(): TCPSocketListener<Connection> {
    const { hostname, port, tls } = this.#options;
    const secure = { cert: tls.certPem, key: tls.keyPem, ca: tls.caPem, requestCert: true, rejectUnauthorized: true, minVersion: TLS_1_3 };
    return Bun.listen<Connection>({
      hostname,
      port,
      tls: secure,
      socket: {
        open: (socket) => this.#accept(socket),
        handshake: (socket, _ok, error) => this.#shaken(socket, error),
        data: (socket, chunk) => void this.#receive(socket.data, chunk),
        drain: (socket) => socket.data.drain(),
        close: (socket) => this.#closed(socket.data),
        error: (socket, error) => this.#options.log.debug({ err: error, device: socket.data.deviceId }, "socket error"),
      },
    });
  }

  #accept(socket: ChannelSocket): void {
    const connection = new Connection(this.#options.clock.nowMs());
    connection.socket = socket;
    socket.data = connection;
    this.#opening.add(connection);
  }

  /** Never believe `ok`: only the error, and our own look at the certificate (docs/adr/0001). */
  #shaken(socket: ChannelSocket, error: Error | null): void {
    const connection = socket.data;
    const certificate = socket.getPeerX509Certificate?.();
    const flaw = error ?? socket.getAuthorizationError?.() ?? null;
    const claimed = certificate === undefined ? undefined : deviceUris(certificate)[0];
    if (flaw !== null || !socket.authorized) {
      const code = (flaw as { code?: string } | null)?.code ?? flaw?.message ?? "";
      const isMissing = /return a certificate|PEER_DID_NOT|NO_CERT/i.test(`${code} ${flaw?.message ?? ""}`);
      this.#refuse(connection, isMissing ? "ERR_CHANNEL_NO_CERTIFICATE" : refusalCode(code.replaceAll(" ", "_").toUpperCase()), claimed);
      return;
    }
    try {
      connection.deviceId = identityOf(certificate, this.#authority, this.#options.clock.nowMs());
    } catch (cause) {
      this.#refuse(connection, cause instanceof EdictError ? cause.code : "ERR_CHANNEL_IDENTITY", claimed);
    }
  }

  #refuse(connection: Connection, reason: string, deviceId: string | undefined, answer?: Uint8Array): void {
    this.#refused += 1;
    this.#opening.delete(connection);
    this.#options.log.warn({ device: deviceId, reason }, "connection refused");
    this.#reporter.add({ kind: "refused", atMs: this.#options.clock.nowMs(), reason, ...(deviceId !== undefined && { deviceId }) });
    if (answer !== undefined) connection.socket?.write(answer);
    connection.close(reason);
  }

  async #receive(connection: Connection, chunk: Uint8Array): Promise<void> {
    // Data before a verified identity is nobody's.
    if (connection.deviceId === "" || connection.closeReason !== "") return;
    connection.lastHeardMs = this.#options.clock.nowMs();
    connection.isPinged = false;
    try {
      if (connection.frames === undefined) await this.#receiveHead(connection, chunk);
      else this.#receiveFrames(connection, chunk);
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.#options.log.warn({ device: connection.deviceId, code: error.code }, error.message);
      connection.close(error.code, error instanceof FrameError ? error.closeCode : CLOSE.policy);
    }
  }

  async #receiveHead(connection: Connection, chunk: Uint8Array): Promise<void> {
    const head = connection.head?.push(chunk);
    if (head !== undefined) await this.#upgrade(connection, head);
  }

  async #upgrade(connection: Connection, head: Head): Promise<void> {
    const { deviceId } = connection;
    const upgrade = checkUpgrade(head);
    if ("status" in upgrade) {
      this.#refuse(connection, "ERR_CHANNEL_HTTP", deviceId, errorResponse(upgrade.status, "ERR_CHANNEL_HTTP"));
      return;
    }
    if (this.#orders.isDenied(deviceId)) {
      this.#refuse(connection, "ERR_CHANNEL_DENIED", deviceId, errorResponse(403, "ERR_CHANNEL_DENIED"));
      return;
    }
    if (this.#hub.size >= CHANNELS_MAX || this.#reporter.isFull) {
      this.#refuse(connection, "ERR_CHANNEL_BUSY", deviceId, errorResponse(503, "ERR_CHANNEL_BUSY", RETRY_AFTER_SECONDS));
      return;
    }
    const admission = await this.#options.backplane.admit(deviceId);
    if (!admission.ok) {
      this.#refuse(connection, admission.reason, deviceId, errorResponse(403, admission.reason));
      return;
    }
    if (connection.closeReason !== "") return;
    this.#opening.delete(connection);
    connection.ordinal = admission.ordinal;
    connection.open();
    connection.write(upgradeResponse(upgrade.key));
    this.#stand(connection);
    if (head.rest.length > 0) this.#receiveFrames(connection, head.rest);
  }

  #stand(connection: Connection): void {
    const { ordinal } = connection;
    const atMs = this.#options.clock.nowMs();
    if (this.#hub.add(connection) !== undefined)
      this.#reporter.add({ kind: "disconnected", ordinal, atMs, reason: "ERR_CHANNEL_REPLACED" });
    this.#reporter.add({ kind: "connected", ordinal, atMs });
  }

  #receiveFrames(connection: Connection, chunk: Uint8Array): void {
    for (const frame of connection.frames?.push(chunk) ?? []) this.#frame(connection, frame);
  }

  #frame(connection: Connection, frame: Frame): void {
    switch (frame.kind) {
      case "message":
        this.#message(connection, frame.bytes);
        return;
      case "ping":
        if (!connection.spend(frame.bytes.length, this.#options.clock.nowMs()))
          throw new ChannelError("ERR_CHANNEL_BUDGET", "too many pings");
        connection.write(encodeFrame(OPCODES.pong, frame.bytes));
        return;
      case "close":
        connection.close("device closes", CLOSE.normal);
        return;
      case "pong":
        return;
    }
  }

  #message(connection: Connection, bytes: Uint8Array): void {
    const { ordinal } = connection;
    const atMs = this.#options.clock.nowMs();
    if (!connection.spend(bytes.length, atMs)) throw new ChannelError("ERR_CHANNEL_BUDGET", "more messages than a device has to send");
    // Counted before it is read: whatever comes up after a `none` command, until another asks, was not asked for.
    if (connection.silentSeq > 0)
      this.#reporter.add({ kind: "unasked-bytes", seq: connection.silentSeq, ordinal, bytes: bytes.length, atMs });
    const upward = parseUpward(bytes);
    if (upward.kind === "response") {
      this.#reporter.add({ kind: "response", ordinal, atMs, requestId: upward.requestId, response: upward.response });
      return;
    }
    this.#reporter.add({ kind: "check-in", ordinal, atMs, checkIn: upward.checkIn });
    connection.hasCheckedIn = true;
    this.#fanOut.welcome(connection, upward.checkIn.seen);
  }

  #closed(connection: Connection): void {
    this.#opening.delete(connection);
    connection.socket = undefined;
    if (!this.#hub.remove(connection)) return;
    const reason = connection.closeReason === "" ? "device went away" : connection.closeReason;
    this.#reporter.add({ kind: "disconnected", ordinal: connection.ordinal, atMs: this.#options.clock.nowMs(), reason });
  }

  #closeDenied(): void {
    for (const connection of this.#hub.all()) {
      if (this.#orders.isDenied(connection.deviceId)) connection.close("ERR_CHANNEL_DENIED", CLOSE.denied);
    }
  }

  /** One timer for all: who opens too slowly, who is silent, who is gone. */
  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#opening) {
      if (nowMs - connection.acceptedMs > OPENING_MAX_MS) this.#refuse(connection, "ERR_CHANNEL_TIMEOUT", connection.deviceId || undefined);
    }
    for (const connection of this.#hub.all()) {
      const silentMs = nowMs - connection.lastHeardMs;
      if (silentMs > IDLE_DEAD_MS) connection.close("ERR_CHANNEL_TIMEOUT", CLOSE.goingAway);
      else if (silentMs > IDLE_PING_MS && !connection.isPinged) connection.isPinged = connection.write(PING);
    }
  }
}
