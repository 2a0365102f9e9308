/**
 * A gateway whose channels are simulated: orders are checked against their permits, paced, held, stopped and reported by the gateway's
 * own code (OrderBook, FanOut, Reporter). What is told again here is what Hub and Upward do with sockets.
 */
import { FanOut } from "../../src/channel/gateway/fan-out.ts";
import { type LiveOrder, OrderBook } from "../../src/channel/gateway/order-book.ts";
import { readBitmap } from "../../src/channel/gateway/order-check.ts";
import { Reporter } from "../../src/channel/gateway/reporter.ts";
import { countUpstream } from "../../src/channel/gateway/upstream-counter.ts";
import { wrapCommand } from "../../src/channel/gateway/wrapping.ts";
import type { Written } from "../../src/channel/gateway/channel.ts";
import type { GatewayReport, ManagerSide } from "../../src/channel/backplane/port.ts";
import { parseUpward } from "../../src/channel/wire/index.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import type { Response } from "../../src/openc2/index.ts";
import type { Director } from "../../src/trust/director.ts";
import type { Said } from "./device-ports.ts";
import type { EventLog } from "./event-log.ts";
import { SimChannel } from "./sim-channel.ts";
import type { SimBackplane } from "./sim-backplane.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface GatewayPorts {
  readonly name: string;
  readonly parts: number;
  readonly director: Director;
  readonly backplane: SimBackplane;
  readonly time: VirtualTime;
  readonly log: EventLog;
  /** A planted bug: it sends before it has checked. */
  readonly isCareless: boolean;
  /** Takes what was written on its way, or says that there is no room. */
  readonly carry: (gateway: SimGateway, order: LiveOrder, channel: SimChannel) => Written;
  readonly onClosed: (channel: SimChannel, reason: string) => void;
}

export class SimGateway {
  readonly #ports: GatewayPorts;
  readonly #byOrdinal = new Map<number, SimChannel>();
  #parts: { readonly reporter: Reporter; readonly orders: OrderBook; readonly fanOut: FanOut } | undefined;
  #carelessSeq = 0;
  /** When it last asked the manager what is new. ms since the epoch */
  askedMs = 0;
  /** Each channel has a queue of its own. */
  readonly room = Number.POSITIVE_INFINITY;

  constructor(ports: GatewayPorts) {
    this.#ports = ports;
  }

  get name(): string {
    return this.#ports.name;
  }

  get isUp(): boolean {
    return this.#parts !== undefined;
  }

  all(): Iterable<SimChannel> {
    return this.#byOrdinal.values();
  }

  of(ordinal: number): SimChannel | undefined {
    return this.#byOrdinal.get(ordinal);
  }

  isHeld(order: LiveOrder): boolean {
    return this.#parts?.orders.isHeld(order) ?? true;
  }

  /** It knows nothing yet: orders come by the first nudge. */
  start(): void {
    const { backplane, time: clock, director, parts, log } = this.#ports;
    const quiet = () => {};
    const gatewayLog = {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (facts: object, message: string) => log.note("error", this.name, `${message} ${"code" in facts ? String(facts.code) : ""}`),
    };
    const reporter = new Reporter(backplane, clock, gatewayLog);
    const orders: OrderBook = new OrderBook({
      backplane,
      director,
      clock,
      log: gatewayLog,
      reporter,
      onLive: (live) => fanOut.begin(live),
      onDenied: () => {},
    });
    const fanOut: FanOut = new FanOut({ hub: this, orders, reporter, clock, parts });
    this.#parts = { reporter, orders, fanOut };
    this.nudge();
  }

  /** Everything that it knew and had not reported is gone. Its devices notice that their channels end. */
  crash(): void {
    const { reporter, fanOut } = this.#parts ?? {};
    this.#parts = undefined;
    fanOut?.stop();
    // Only its timer: what it still had to tell nobody hears.
    void reporter?.stop();
    for (const channel of this.#byOrdinal.values()) {
      channel.isOpen = false;
      this.#ports.onClosed(channel, "the gateway is gone");
    }
    this.#byOrdinal.clear();
  }

  /** The manager gave a sign of life. */
  nudge(): void {
    const { orders, fanOut } = this.#parts ?? {};
    if (orders === undefined || fanOut === undefined || !this.#ports.backplane.isReachable) return;
    fanOut.managerHeard();
    this.#ports.time.stir();
    this.askedMs = this.#ports.time.nowMs();
    if (this.#ports.isCareless) this.#sendUnchecked().catch((error: unknown) => this.#ports.time.fail(error));
    orders.catchUp().catch((error: unknown) => this.#ports.log.note("cannot read orders", this.name, String(error)));
  }

  /** A device has dialled. Undefined when it is refused. */
  open(deviceId: string, manager: ManagerSide | undefined): SimChannel | undefined {
    const { backplane, carry, time } = this.#ports;
    if (this.#parts === undefined || manager === undefined || !backplane.isReachable) return undefined;
    const admission = manager.admit(deviceId);
    if (!admission.ok || this.#parts.orders.isDenied(deviceId)) return undefined;
    const { ordinal } = admission;
    const older = this.#byOrdinal.get(ordinal);
    // Its peer does not answer any more: it had lost its power or its network.
    if (older !== undefined) this.close(older, "device-gone");
    const channel = new SimChannel(deviceId, ordinal, { openedMs: time.nowMs(), carry: (order, to) => carry(this, order, to) });
    this.#byOrdinal.set(ordinal, channel);
    this.#report({ kind: "connected", ordinal, atMs: time.nowMs() });
    return channel;
  }

  /** Its certificate has expired. */
  refuse(id: string): undefined {
    this.#report({ kind: "refused", deviceId: id, atMs: this.#ports.time.nowMs(), reason: "ERR_CHANNEL_CERTIFICATE_TIME" });
  }

  close(channel: SimChannel, reason: string): void {
    if (!channel.isOpen) return;
    channel.isOpen = false;
    const { ordinal } = channel;
    if (this.#byOrdinal.get(ordinal) === channel) this.#byOrdinal.delete(ordinal);
    this.#report({ kind: "disconnected", ordinal, atMs: this.#ports.time.nowMs(), reason });
    this.#ports.onClosed(channel, reason);
  }

  heard(channel: SimChannel, said: Said): void {
    if (this.#parts === undefined || !channel.isOpen) return;
    const { reporter, fanOut } = this.#parts;
    const { time } = this.#ports;
    const atMs = time.nowMs();
    const { ordinal } = channel;
    try {
      countUpstream(channel, said.kind === "bytes" ? said.bytes.length : 1, reporter, time);
      const upward = said.kind === "bytes" ? parseUpward(said.bytes) : said;
      if (upward.kind === "response") {
        this.#ports.log.note("answers", ordinal, wordsOf(upward.response));
        reporter.add({ kind: "response", ordinal, atMs, requestId: upward.requestId, response: upward.response });
        return;
      }
      reporter.add({ kind: "check-in", ordinal, atMs, checkIn: upward.checkIn });
      if (channel.hasCheckedIn) return;
      channel.hasCheckedIn = true;
      channel.isReady = true;
      fanOut.welcome(channel, upward.checkIn);
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.close(channel, error.code);
    }
  }

  async #sendUnchecked(): Promise<void> {
    // It cannot read them while its manager is down; neither can one that is careful.
    const orders = await this.#ports.backplane.ordersAfter(this.#carelessSeq).catch(() => []);
    for (const order of orders) {
      this.#carelessSeq = order.seq;
      if (order.kind !== "send") continue;
      const targets = readBitmap(order.targets);
      const live: LiveOrder = {
        ...order,
        ...wrapCommand(order.frame, order.seq),
        isStopping: false,
        signed: order.frame,
        targets,
        sent: targets,
        again: new Set(),
      };
      for (const channel of this.#byOrdinal.values()) if (targets.has(channel.ordinal)) channel.send(live);
    }
  }

  #report(report: GatewayReport): void {
    this.#parts?.reporter.add(report);
  }
}

function wordsOf({ status, results }: Response): string {
  const { software, last_update: last } = results?.["x-swup"] ?? {};
  const { stopped, processes, last_command: did } = results?.["x-iot"] ?? {};
  if (stopped !== undefined) return `${status}, stopped ${stopped}`;
  if (processes !== undefined) return `${status}, ${processes.length} run${did ? `, ${did.action} ${did.state}` : ""}`;
  if (software === undefined) return `${status} ${JSON.stringify(results ?? {})}`;
  return [status, software.version, last?.state, last?.error].filter((word) => word !== undefined).join(" ");
}
