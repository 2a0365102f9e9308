/**
 * The network between devices and gateways: everything takes its time, and by the seed's choice messages are lost with their channel,
 * come twice, come late, or not at all while a gateway is cut off. A device dials the gateway that its ordinal falls to.
 */
import type { LiveOrder } from "../../src/channel/gateway/order-book.ts";
import type { Written } from "../../src/channel/gateway/channel.ts";
import type { ManagerSide } from "../../src/channel/backplane/port.ts";
import { IDLE_DEAD_MS } from "../../src/channel/limits.ts";
import { CHANNEL_DEAD_SECONDS, DIAL_MAX_MS } from "../../src/agent/limits.ts";
import { deviceId } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import type { Dialler, Endpoint, Said } from "./device-ports.ts";
import type { EventLog } from "./event-log.ts";
import type { Frame, Frames } from "./frames.ts";
import type { Faults } from "./settings.ts";
import type { SimChannel } from "./sim-channel.ts";
import type { SimGateway } from "./sim-gateway.ts";
import type { VirtualTime } from "./virtual-time.ts";

const LATENCY_LEAST_MS = 5;
const LATENCY_SPREAD_MS = 120;

export interface NetworkPorts {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly frames: Frames;
  readonly log: EventLog;
  readonly manager: () => ManagerSide | undefined;
  readonly isExpired: () => boolean;
  readonly endpoint: (ordinal: number) => Endpoint;
  /** Looks at everything that a gateway sends. */
  readonly onSend: (gateway: SimGateway, order: LiveOrder, ordinal: number, frame: Frame) => void;
  /** An evil gateway sends to nobody, or to others. False: it keeps the message. */
  readonly isPassedOn: (gateway: SimGateway, ordinal: number) => boolean;
}

export class SimNetwork implements Dialler {
  readonly gateways: SimGateway[] = [];
  readonly #ports: NetworkPorts;
  readonly #channels = new Map<number, SimChannel>();
  #messages = 0;

  constructor(ports: NetworkPorts) {
    this.#ports = ports;
  }

  /** It takes its time, and so does finding out that nobody answers. */
  dial(ordinal: number): void {
    const { time, manager, endpoint, isExpired } = this.#ports;
    const gateway = this.gatewayOf(ordinal);
    time.in(2 * this.#latencyMs(ordinal), () => {
      const channel = isExpired() ? gateway?.refuse(deviceId(ordinal)) : gateway?.open(deviceId(ordinal), manager());
      if (channel === undefined) {
        time.in(gateway?.isUp === true ? 0 : DIAL_MAX_MS, () => endpoint(ordinal).closed(ordinal, "nobody answers"));
        return;
      }
      this.#channels.set(ordinal, channel);
      endpoint(ordinal).opened(ordinal);
    });
  }

  say(ordinal: number, said: Said): void {
    const channel = this.#channels.get(ordinal);
    if (channel?.isOpen !== true || this.#isLost(ordinal, channel)) return;
    this.#ports.time.at(this.#arrivalMs(channel), () => this.gatewayOf(ordinal)?.heard(channel, said));
  }

  hangUp(ordinal: number): void {
    const channel = this.#channels.get(ordinal);
    this.#channels.delete(ordinal);
    if (channel !== undefined) this.#ports.time.at(this.#arrivalMs(channel), () => this.gatewayOf(ordinal)?.close(channel, "device-gone"));
  }

  vanish(ordinal: number): void {
    const channel = this.#channels.get(ordinal);
    this.#channels.delete(ordinal);
    if (channel !== undefined) this.#ports.time.in(IDLE_DEAD_MS, () => this.gatewayOf(ordinal)?.close(channel, "ERR_CHANNEL_TIMEOUT"));
  }

  gatewayOf(ordinal: number): SimGateway | undefined {
    return this.gateways[ordinal % this.gateways.length];
  }

  /** The kernel of a gateway takes an order for a channel. */
  carry(gateway: SimGateway, order: LiveOrder, channel: SimChannel): Written {
    const { frames, onSend, isPassedOn } = this.#ports;
    const frame = frames.of(order.signed);
    onSend(gateway, order, channel.ordinal, frame);
    if (isPassedOn(gateway, channel.ordinal)) this.deliver(channel, frame);
    return "taken";
  }

  /** Whoever sends it: a gateway that does its work, or one that is up to something. */
  deliver(channel: SimChannel, frame: Frame): void {
    const { ordinal } = channel;
    const { time, chance, faults } = this.#ports;
    if (this.#isLost(ordinal, channel)) return;
    this.#arrive(channel, frame, this.#arrivalMs(channel));
    if (chance("echo", ordinal, this.#messages) < faults.echo) this.#arrive(channel, frame, time.nowMs() + this.#latencyMs(ordinal) * 20);
  }

  /** The gateway has closed it: the device hears of it, if it is there. */
  ended(channel: SimChannel, reason: string): void {
    const { ordinal } = channel;
    if (this.#channels.get(ordinal) !== channel) return;
    this.#channels.delete(ordinal);
    this.#ports.time.in(this.#latencyMs(ordinal), () => {
      if (!this.#channels.has(ordinal)) this.#ports.endpoint(ordinal).closed(ordinal, reason);
    });
  }

  #arrive(channel: SimChannel, frame: Frame, atMs: number): void {
    const { ordinal } = channel;
    this.#ports.time.at(atMs, () => {
      if (this.#channels.get(ordinal) === channel) this.#ports.endpoint(ordinal).heard(ordinal, frame);
    });
  }

  /** With the message goes the channel: a stream has no holes. Each side notices by its own silence. */
  #isLost(ordinal: number, channel: SimChannel): boolean {
    const { chance, faults, time, endpoint } = this.#ports;
    this.#messages += 1;
    if (faults.loss === 0 || chance("loss", ordinal, this.#messages) >= faults.loss) return false;
    this.#channels.delete(ordinal);
    time.in(IDLE_DEAD_MS, () => this.gatewayOf(ordinal)?.close(channel, "ERR_CHANNEL_TIMEOUT"));
    time.in(CHANNEL_DEAD_SECONDS * 1_000, () => {
      if (!this.#channels.has(ordinal)) endpoint(ordinal).closed(ordinal, "the gateway is silent");
    });
    return true;
  }

  #arrivalMs(channel: SimChannel): number {
    channel.arrivesMs = Math.max(channel.arrivesMs, this.#ports.time.nowMs() + this.#latencyMs(channel.ordinal));
    return channel.arrivesMs;
  }

  #latencyMs(ordinal: number): number {
    const { chance, faults } = this.#ports;
    this.#messages += 1;
    const usualMs = LATENCY_LEAST_MS + chance("latency", ordinal, this.#messages) * LATENCY_SPREAD_MS;
    return faults.delayMs > 0 && chance("delay", ordinal, this.#messages) < 0.05 ? usualMs + faults.delayMs : usualMs;
  }
}
