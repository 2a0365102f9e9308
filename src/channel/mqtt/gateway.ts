/**
 * A gateway whose devices subscribe to a broker instead of holding a channel to it. Orders are held against their permits, paced,
 * held and stopped by the same code as on channels of our own. Sent means that the broker holds the command for the device. What
 * devices say comes from the topic that the broker's access list keeps for each: as evidence it is as good as that list, and no
 * command depends on it (docs/adr/0015).
 */
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import type { Director } from "../../trust/director.ts";
import type { Backplane } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import { FanOut } from "../gateway/fan-out.ts";
import { type LiveOrder, OrderBook } from "../gateway/order-book.ts";
import { Reporter } from "../gateway/reporter.ts";
import { countUpstream } from "../gateway/upstream-counter.ts";
import { isCheckIn, parseUpward } from "../wire/index.ts";
import { BrokerChannel } from "./broker-channel.ts";
import { BrokerChannels } from "./broker-channels.ts";
import { BrokerClient, type BrokerOptions, type Publication } from "./broker-client.ts";
import { BROKER_HOLD_SECONDS } from "./limits.ts";
import { writeSignedProperties } from "./properties.ts";
import { commandTopic, upwardFilter } from "./topics.ts";

export interface MqttGatewayOptions extends BrokerOptions {
  /** Its `[producer_id]`: devices speak to `oc2/rsp/<name>/<device id>`. */
  readonly name: string;
  readonly director: Director;
  readonly backplane: Backplane;
  readonly clock: Clock;
}

export class MqttGateway {
  readonly #options: MqttGatewayOptions;
  readonly #broker: BrokerClient;
  readonly #reporter: Reporter;
  readonly #channels: BrokerChannels;
  readonly #orders: OrderBook;
  readonly #fanOut: FanOut;
  readonly #unsubscribe: () => void;

  constructor(options: MqttGatewayOptions) {
    const { backplane, director, clock, log, name } = options;
    this.#options = options;
    const reporter = (this.#reporter = new Reporter(backplane, clock, log));
    const channels = (this.#channels = new BrokerChannels(reporter, clock, () => this.#broker.room));
    const orders = (this.#orders = new OrderBook({
      backplane,
      director,
      clock,
      log,
      reporter,
      onLive: (live) => this.#fanOut.begin(live),
      onDenied: () => this.#closeDenied(),
    }));
    this.#fanOut = new FanOut({ hub: channels, orders, reporter, clock, parts: 1 });
    this.#broker = new BrokerClient({ topics: [upwardFilter(name)], isRetainTold: false }, options, {
      onPublication: (publication) => this.#hear(publication),
    });
    this.#unsubscribe = backplane.subscribe({
      onNudge: () => void this.#nudge(),
      onElsewhere: (ordinal) => channels.forget(ordinal),
      onFound: () => channels.reportStanding(),
    });
  }

  /** Learns every order and deny list that there is, and only then hears devices. Throws ERR_CHANNEL_BROKER. */
  async start(): Promise<void> {
    await this.#orders.catchUp();
    await this.#broker.start();
  }

  /** Reports what is left to report. Devices notice nothing: the broker keeps what they say. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#fanOut.stop();
    await this.#broker.stop();
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

  #closeDenied(): void {
    for (const channel of this.#channels.all())
      if (this.#orders.isDenied(channel.deviceId)) this.#channels.close(channel, "ERR_CHANNEL_DENIED");
  }

  /** Never rejects, as the fan-out wants it. */
  async #carry(order: LiveOrder, channel: BrokerChannel): Promise<boolean> {
    const { clock, log } = this.#options;
    const orders = this.#orders;
    const { deviceId } = channel;
    const secondsLeft = Math.floor((order.notAfterMs - clock.nowMs()) / 1_000);
    // What is asked once must wait for the device; what is sent again when it returns must not lie where no stop reaches it.
    const expirySeconds = Math.max(1, order.repeats ? Math.min(secondsLeft, BROKER_HOLD_SECONDS) : secondsLeft);
    try {
      const taken = await this.#broker.publish({
        topic: commandTopic({ kind: "device", id: deviceId }),
        payload: order.signed,
        properties: writeSignedProperties(expirySeconds),
        isMeant: () => !orders.isHeld(order) && !orders.isDenied(deviceId) && clock.nowMs() < order.notAfterMs,
      });
      if (taken === "unheld") this.#channels.close(channel, "ERR_CHANNEL_BROKER");
      return taken === "held";
    } catch (error) {
      log.error({ device: deviceId, seq: order.seq, err: error }, "the broker did not take a command");
      return false;
    }
  }

  /** Acknowledged to the broker when it resolves. */
  async #hear({ topic, payload, isRetained }: Publication): Promise<void> {
    const { log, clock } = this.#options;
    if (this.#reporter.isFull) throw new ChannelError("ERR_CHANNEL_BUSY", "the manager takes no reports");
    const deviceId = topic.slice(topic.lastIndexOf("/") + 1);
    try {
      if (isCheckIn(payload)) return await this.#checkIn(deviceId, payload, isRetained);
      const channel = this.#channels.of(deviceId);
      if (channel === undefined) throw new ChannelError("ERR_CHANNEL_MESSAGE", "a device that has not checked in says something");
      countUpstream(channel, payload.length, this.#reporter, clock);
      const upward = parseUpward(payload);
      if (upward.kind !== "response") return;
      const { requestId, response } = upward;
      this.#reporter.add({ kind: "response", ordinal: channel.ordinal, atMs: clock.nowMs(), requestId, response });
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      log.warn({ device: deviceId, code: error.code }, error.message);
    }
  }

  /**
   * A device checks in whenever it has connected. The broker keeps the newest for a gateway that starts anew: that one says who there
   * is, but not what the device remembers by now, and it is no evidence of today.
   */
  async #checkIn(deviceId: string, payload: Uint8Array, isStored: boolean): Promise<void> {
    const { backplane, clock } = this.#options;
    const upward = parseUpward(payload);
    if (upward.kind !== "check-in") return;
    const admission = await backplane.admit(deviceId);
    const isDenied = this.#orders.isDenied(deviceId);
    if (!admission.ok || isDenied) {
      const reason = admission.ok ? "ERR_CHANNEL_DENIED" : admission.reason;
      this.#reporter.add({ kind: "refused", deviceId, atMs: clock.nowMs(), reason });
      return;
    }
    const { ordinal } = admission;
    // A stored one that comes again with a new subscription tells nothing new.
    if (isStored && this.#channels.of(deviceId) !== undefined) return;
    const channel = new BrokerChannel(deviceId, ordinal, (order, to) => this.#carry(order, to));
    this.#channels.add(channel);
    if (!isStored) this.#reporter.add({ ...upward, ordinal, atMs: clock.nowMs() });
    this.#fanOut.welcome(channel, isStored ? undefined : upward.checkIn);
  }
}
