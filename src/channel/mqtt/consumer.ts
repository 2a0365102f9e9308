/**
 * An OpenC2 consumer behind a broker (MQTT v1.0): hands commands to the consumer runtime and publishes what it answers. The broker is
 * told that a command arrived when it is on disk. Who published it the broker alone knows: `peer` says only through which broker
 * it came, and what a command may do must rest on its signatures or on the broker's access list.
 */
import { EdictError } from "../../openc2/edict-error.ts";
import type { Answer, ConsumerPort } from "../../openc2/consumer/port.ts";
import { encodeResponse, type JsonObject, readCbor, readJson } from "../../openc2/index.ts";
import type { Clock } from "../../trust/clock.ts";
import { BrokerClient, type BrokerOptions, type Publication } from "./broker-client.ts";
import type { Habits } from "./peers.ts";
import { type MessageKind, readProperties, type Serialisation, writeProperties } from "./properties.ts";
import { answerTopic, consumerTopics, RESPONSES } from "./topics.ts";

export interface MqttConsumerOptions extends BrokerOptions {
  /** `[device_id]` of §2.2, and the name under which the transfer itself refuses a message. */
  readonly deviceId: string;
  /** Namespaces of the actuator profiles that it has. */
  readonly nsids: readonly string[];
  readonly consumer: ConsumerPort;
  readonly clock: Clock;
  readonly habits?: Habits;
}

export class MqttConsumer {
  readonly #options: MqttConsumerOptions;
  readonly #broker: BrokerClient;

  constructor(options: MqttConsumerOptions) {
    this.#options = options;
    this.#broker = new BrokerClient({ topics: consumerTopics(options.deviceId, options.nsids) }, options, {
      onPublication: (publication) => this.#receive(publication),
    });
  }

  /** Throws ERR_CHANNEL_BROKER. */
  start(): Promise<void> {
    return this.#broker.start();
  }

  stop(): Promise<void> {
    return this.#broker.stop();
  }

  /** Resolves when the command is on disk, or refused. */
  async #receive({ topic, payload, isRetained, properties }: Publication): Promise<void> {
    const { consumer, url, log, habits } = this.#options;
    // Retain is 0 (§3.2): a retained command would come again with every subscription, and be answered by everybody each time.
    if (isRetained) return log.warn({ topic }, "a retained message is no command");
    let kind: MessageKind;
    try {
      kind = readProperties(properties, "req", habits);
    } catch (error) {
      return this.#refuse(topic, error);
    }
    // An answer or a notification that strays here is not answered: that could go on for ever.
    if (kind.type !== "req") return log.warn({ topic, type: kind.type }, "only requests belong on this topic");
    const accepted = Promise.withResolvers<void>();
    const { serialisation } = kind;
    const answer = consumer.receive({
      bytes: payload,
      serialisation,
      // The envelope is a must here (§2.4.2), so nothing bare; the later draft from those who are known to speak it.
      dialect: habits?.language?.dialect ?? "D2",
      peer: `broker ${url}`,
      onAccepted: accepted.resolve,
    });
    // Not waited for by the acknowledgement: with `complete` it comes when the work is done.
    const answered = answer.then((given) => this.#answer(given));
    answered.catch((error: unknown) => log.error({ topic, err: error }, "a command was not answered"));
    await Promise.race([accepted.promise, answered]);
  }

  /** What is to be said is handed to the broker; waiting for its word would keep it from giving it. */
  #answer(answer: Answer): void {
    if (answer.kind === "silence") return;
    const { serialisation, to } = lookInto(answer.bytes);
    this.#publish(this.#options.habits?.hearsAllOnly === true ? RESPONSES : answerTopic(to), answer.bytes, serialisation);
  }

  #refuse(topic: string, error: unknown): void {
    if (!(error instanceof EdictError)) throw error;
    const { deviceId, clock, log } = this.#options;
    log.warn({ topic, code: error.code }, error.message);
    const response = { status: error.facts.status, status_text: `${error.code} ${error.message}` };
    this.#publish(RESPONSES, encodeResponse({ created: clock.nowMs(), from: deviceId }, response), "json");
  }

  #publish(topic: string, payload: Uint8Array, serialisation: Serialisation): void {
    const properties = writeProperties({ type: "rsp", serialisation });
    this.#broker
      .publish({ topic, payload, properties })
      .catch((error: unknown) => this.#options.log.error({ topic, err: error }, "an answer was not taken"));
  }
}

/** Of an answer that our own consumer made: how it is written, and to whom. */
function lookInto(bytes: Uint8Array): { readonly serialisation: Serialisation; readonly to: string | undefined } {
  const serialisation = bytes[0] === "{".charCodeAt(0) ? "json" : "cbor";
  const message = (serialisation === "json" ? readJson(bytes) : readCbor(bytes)) as JsonObject;
  const to = (message["headers"] as JsonObject | undefined)?.["to"];
  const first: unknown = Array.isArray(to) ? to[0] : undefined;
  return { serialisation, to: typeof first === "string" ? first : undefined };
}
