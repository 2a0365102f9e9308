/**
 * The gateway: one TLS 1.3 port with required client certificates; each connection becomes a standing channel or is refused
 * with a reason. It holds no key that a device obeys, and treats commands as opaque bytes. This file puts its parts together.
 */
import type { TCPSocketListener } from "bun";
import type { Clock } from "../../trust/clock.ts";
import type { Director } from "../../trust/director.ts";
import type { Backplane } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import { CHECK_IN_MAX_MS, STOPPING_MAX_MS, SWEEP_MS } from "../limits.ts";
import { CLOSE } from "../wire/index.ts";
import type { GatewayStats } from "../stats/gateway-stats.ts";
import { CloneWatch } from "./clone-watch.ts";
import type { ChannelSocket, Connection } from "./connection.ts";
import { Door } from "./door.ts";
import { FanOut } from "./fan-out.ts";
import { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import { OrderBook } from "./order-book.ts";
import { readAuthorities } from "./peer-identity.ts";
import { Reporter } from "./reporter.ts";
import { StatsReader } from "./stats-reader.ts";
import { TrustFeed } from "./trust-feed.ts";
import { Upward } from "./upward.ts";
import { wrapGoodbye } from "./wrapping.ts";

export interface GatewayOptions {
  readonly name: string;
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Processes that share the port, 1 when it is this one alone: each takes its part of a permit's pace. */
  readonly parts?: number;
  readonly tls: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
  /** Whom the gateway was pinned to at set-up: it follows the versions from there by the manager's log. */
  readonly director: Director;
  readonly backplane: Backplane;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

/** Bun takes the version's number only; the name is silently ignored. */
const TLS_1_3 = 0x0304;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #hub: Hub;
  readonly #reporter: Reporter;
  readonly #orders: OrderBook;
  readonly #fanOut: FanOut;
  readonly #clones: CloneWatch;
  readonly #door: Door;
  readonly #upward: Upward;
  readonly #stats: StatsReader;
  readonly #unsubscribe: () => void;
  #listener: TCPSocketListener<Connection> | undefined;
  #sweeper: ReturnType<typeof setInterval> | undefined;

  constructor(options: GatewayOptions) {
    const { backplane, director, clock, log, tls, parts = 1 } = options;
    this.#options = options;
    const reporter = (this.#reporter = new Reporter(backplane, clock, log));
    const hub = (this.#hub = new Hub(reporter, clock));
    const trust = new TrustFeed(hub);
    const orders = (this.#orders = new OrderBook({
      backplane,
      director,
      clock,
      log,
      reporter,
      onLive: (live) => this.#fanOut.begin(live),
      onDenied: (released) => this.#denied(released),
      onTrust: (document) => trust.add(document),
    }));
    this.#fanOut = new FanOut({ hub, orders, reporter, clock, parts });
    const clones = (this.#clones = new CloneWatch({ hub, reporter, clock, log }));
    this.#door = new Door({
      authorities: readAuthorities(tls.caPem),
      hub,
      orders,
      clones,
      reporter,
      backplane,
      clock,
      log,
      onPost: (stream, type, bytes) => this.#upward.post(stream, type, bytes),
    });
    this.#upward = new Upward({ hub, clones, reporter, fanOut: this.#fanOut, trust, clock, log });
    this.#stats = new StatsReader({ hub, orders, reporter, clones, clock, door: this.#door, fanOut: this.#fanOut, upward: this.#upward });
    this.#unsubscribe = backplane.subscribe({
      onNudge: () => void this.#nudge(),
      onElsewhere: (ordinal) => {
        const older = hub.holder(ordinal);
        if (older !== undefined) void clones.settle(older, "another part of the gateway");
      },
      onFound: () => hub.reportStanding(),
    });
  }

  /** Learns every order and deny list that there is, and only then opens the port: nobody denied slips in. */
  async start(): Promise<void> {
    await this.#orders.catchUp();
    this.#listener = this.#listen();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#options.log.info({ gateway: this.#options.name, port: this.port }, "listening");
  }

  get name(): string {
    return this.#options.name;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  stats(): GatewayStats {
    return this.#stats.read();
  }

  /** Says goodbye with the delay after which devices should come back, and reports what is left to report. */
  async stop({ delayMs }: { readonly delayMs: number }): Promise<void> {
    this.#unsubscribe();
    this.#fanOut.stop();
    this.#stats.stop();
    clearInterval(this.#sweeper);
    this.#listener?.stop();
    this.#door.shut();
    const goodbye = wrapGoodbye(delayMs);
    for (const connection of this.#hub.all()) {
      connection.tell(goodbye);
      this.#hub.close(connection, "gateway-stopped", CLOSE.goingAway);
    }
    await this.#hub.emptied(STOPPING_MAX_MS);
    this.#listener?.stop(true);
    await this.#reporter.stop();
  }

  async #nudge(): Promise<void> {
    this.#fanOut.managerHeard();
    try {
      await this.#orders.catchUp();
    } catch (error) {
      this.#options.log.error({ err: error }, "orders cannot be read; the next nudge tries again");
    }
  }

  #listen(): TCPSocketListener<Connection> {
    const { hostname, port, tls, parts = 1 } = this.#options;
    const secure = { cert: tls.certPem, key: tls.keyPem, ca: tls.caPem, requestCert: true, rejectUnauthorized: true, minVersion: TLS_1_3 };
    // Bun takes it; its types do not name it.
    const shared = { reusePort: parts > 1 };
    return Bun.listen<Connection>({
      ...shared,
      hostname,
      port,
      tls: secure,
      socket: {
        open: (socket) => this.#door.accept(socket),
        handshake: (socket, _ok, error) => this.#door.shaken(socket, error),
        data: (socket, chunk) => this.#receive(socket.data, chunk),
        drain: (socket) => socket.data.drain(),
        close: (socket) => this.#gone(socket),
        error: (socket, error) => this.#options.log.debug({ err: error, device: socket.data.deviceId }, "socket error"),
      },
    });
  }

  #receive(connection: Connection, chunk: Uint8Array): void {
    // Data before a verified identity is nobody's, data after we closed is not waited for.
    if (connection.deviceId === "" || connection.closeReason !== "") return;
    this.#stats.receivedBytes += chunk.length;
    connection.lastHeardMs = this.#options.clock.nowMs();
    connection.isPinged = false;
    if (connection.frames !== undefined) {
      this.#upward.receive(connection, chunk);
      return;
    }
    // What a stream's device has to say it posts: a second request on this connection would have no answer.
    if (connection.stream !== undefined) {
      this.#hub.close(connection, "ERR_CHANNEL_HTTP", CLOSE.policy);
      return;
    }
    try {
      this.#door.receive(connection, chunk);
    } catch (cause) {
      if (!(cause instanceof ChannelError)) throw cause;
      this.#door.refuseMalformed(connection);
    }
  }

  #gone(socket: ChannelSocket): void {
    this.#door.gone(socket.data);
    this.#hub.gone(socket.data);
    this.#clones.gone(socket.data);
  }

  #denied(released: readonly string[]): void {
    this.#clones.release(released);
    for (const connection of this.#hub.all()) {
      if (this.#orders.isDenied(connection.deviceId)) this.#hub.close(connection, "ERR_CHANNEL_DENIED", CLOSE.denied);
    }
  }

  /** One timer for all: who opens too slowly, who is silent, who does not let go, who has had time to check in. */
  #sweep(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#door.sweep(nowMs);
    this.#hub.sweep(nowMs);
    this.#clones.sweep(nowMs);
    this.#stats.sweep(nowMs);
    for (const connection of this.#hub.all()) {
      if (connection.isReady || nowMs - connection.openedMs < CHECK_IN_MAX_MS) continue;
      connection.isReady = true;
      this.#fanOut.resume(connection, connection.stream?.lastSeq);
    }
  }
}
