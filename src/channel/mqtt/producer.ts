/**
 * An OpenC2 producer behind a broker (MQTT v1.0): publishes commands to one, to a profile's or to all consumers, and tells what they
 * answer. Published means that the broker has taken it, never that anybody has read it. Who answers is what the answer says of
 * itself: a broker does not pass on who published.
 */
import { EdictError } from "../../openc2/edict-error.ts";
import { type Command, encodeCbor, encodeForPeer, type Peer, readCbor, readJson, readMessage, type Response } from "../../openc2/index.ts";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import { BrokerClient, type BrokerOptions, type Publication, type Taken } from "./broker-client.ts";
import type { Habits } from "./peers.ts";
import { readProperties, type Serialisation, writeProperties } from "./properties.ts";
import { commandTopic, type Recipients, RESPONSES, responseTopic } from "./topics.ts";

export interface MqttAnswer {
  /** As the answer says; some say nothing. */
  readonly from?: string;
  readonly requestId?: string;
  readonly response: Response;
}

export interface MqttProducerOptions extends BrokerOptions {
  /** `[producer_id]` of §2.2 and `from` of every command (§3.2). */
  readonly name: string;
  readonly clock: Clock;
  /** The same answer can come twice (§2.5). */
  readonly onAnswer: (answer: MqttAnswer) => void;
  readonly habits?: Habits;
}

export interface Sending {
  /** Of those who read the topic, the ones that are meant. */
  readonly to?: readonly string[];
  readonly serialisation?: Serialisation;
  /** Whose way of writing it is. Default: dialect D2, which MQTT v1.0 §2.4.2 has. */
  readonly peer?: Peer;
  /** ms since the epoch; default: what the command's own profile says. Not delivered from then on. */
  readonly notAfterMs?: number;
}

export interface Sent {
  /** Absent when the command asks for no answer. */
  readonly requestId?: string;
  readonly taken: Taken;
}

const D2: Peer = { dialect: "D2", tolerate: [] };

export class MqttProducer {
  readonly #options: MqttProducerOptions;
  readonly #broker: BrokerClient;

  constructor(options: MqttProducerOptions) {
    this.#options = options;
    const topics = [RESPONSES, responseTopic(options.name), ...(options.habits?.answersOn ?? [])];
    this.#broker = new BrokerClient({ topics }, options, { onPublication: async (publication) => this.#receive(publication) });
  }

  /** Throws ERR_CHANNEL_BROKER. */
  start(): Promise<void> {
    return this.#broker.start();
  }

  stop(): Promise<void> {
    return this.#broker.stop();
  }

  /** Throws OpenC2Error for a command that may not be sent, ERR_CHANNEL_MQTT when its time is over, and what `publish` throws. */
  async send(recipients: Recipients, command: Command, { to, serialisation = "json", peer = D2, notAfterMs }: Sending = {}): Promise<Sent> {
    const { name, clock } = this.#options;
    // LS 1.0 §3.2: an id when a response is wanted. With none there is nothing that could refer to it.
    const requestId = command.args?.response_requested === "none" ? undefined : crypto.randomUUID();
    const headers = { ...(requestId && { request_id: requestId }), created: clock.nowMs(), from: name, ...(to && { to }) };
    const json = encodeForPeer({ kind: "request", headers, command }, peer);
    const payload = serialisation === "json" ? json : encodeCbor(readJson(json));
    const properties = writeProperties(
      { type: "req", serialisation },
      this.#secondsLeft(notAfterMs ?? command.args?.["x-swup"]?.not_after),
    );
    const taken = await this.#broker.publish({ topic: commandTopic(recipients), payload, properties });
    return { taken, ...(requestId && { requestId }) };
  }

  /** Message Expiry (§2.10): never longer than the command holds, so rounded down. */
  #secondsLeft(notAfterMs: number | undefined): number | undefined {
    if (notAfterMs === undefined) return undefined;
    const seconds = Math.floor((notAfterMs - this.#options.clock.nowMs()) / 1_000);
    if (seconds < 1) throw new ChannelError("ERR_CHANNEL_MQTT", "the command's time is over");
    return seconds;
  }

  #receive({ topic, payload, isRetained, properties }: Publication): void {
    const { log, habits, onAnswer } = this.#options;
    if (isRetained) return log.warn({ topic }, "a retained message is no answer");
    try {
      const { type, serialisation } = readProperties(properties, "rsp", habits);
      const value = serialisation === "json" ? readJson(payload) : readCbor(payload);
      const message = readMessage(value, { dialect: "any", profiles: "any", tolerate: habits?.language?.tolerate ?? [] });
      if (type !== "rsp" || message.kind !== "response") throw new ChannelError("ERR_CHANNEL_MQTT", "it is no response");
      const { from, request_id: requestId } = message.headers;
      onAnswer({ ...(from !== undefined && { from }), ...(requestId !== undefined && { requestId }), response: message.response });
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      log.warn({ topic, code: error.code }, error.message);
    }
  }
}
