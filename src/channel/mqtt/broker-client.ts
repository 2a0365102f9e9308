/**
 * One MQTT 5 session with a broker, as MQTT v1.0 §3.1, §3.3 and §3.4 want it: Clean Start 0 and no Will, so that the broker keeps
 * what comes while we are away; subscriptions with QoS 2, No Local, Retain As Published; a PINGREQ after 95 % of the keep alive;
 * TLS with a client certificate. It comes back by itself. What a message means is for others; it is acknowledged to the broker
 * when they have taken it, so that a crash before means that it comes again.
 */
import { connect, type IClientOptions, type IPublishPacket, type ISubscriptionMap, type MqttClient } from "mqtt";
import { ChannelError } from "../errors.ts";
import type { GatewayLog } from "../gateway/log.ts";
import { nextWaitMs } from "../wire/index.ts";
import {
  ACCEPT_MAX_MS,
  CONNECT_MAX_MS,
  KEEP_ALIVE_SECONDS,
  LEAVING_MAX_MS,
  OUTGOING_MAX,
  PACKET_BYTES_MAX,
  PING_SHARE,
  RECEIVE_MAX,
  RECONNECT_MAX_MS,
  RECONNECT_MIN_MS,
  SESSION_EXPIRY_SECONDS,
} from "./limits.ts";
import { OutgoingWindow } from "./outgoing-window.ts";
import type { PublishProperties } from "./properties.ts";

export interface BrokerOptions {
  /** mqtts://host:port. mqtt:// is for tests that are not operational (MQTT v1.0 App. B), and only without `tls`. */
  readonly url: string;
  /** From `makeClientId`, made once and kept: the broker finds our session by it (§2.6). */
  readonly clientId: string;
  readonly tls?: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
  readonly random: () => number;
  readonly log: GatewayLog;
}

export interface Publication {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
  readonly properties: PublishProperties | undefined;
}

export interface BrokerEvents {
  /** The message is acknowledged when this resolves. When it rejects, or takes too long, the broker sends it again later. */
  readonly onPublication: (publication: Publication) => Promise<void>;
  /** Subscribed, at the start and after every reconnect. */
  readonly onReady?: () => void;
}

export interface Outgoing {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly properties: PublishProperties;
  readonly isRetained?: boolean;
  /** Asked again at the last moment: what was meant to be sent may have been stopped while it waited. */
  readonly isMeant?: () => boolean;
}

export interface Subscriptions {
  readonly topics: readonly string[];
  /** False: only what the broker had stored comes as retained, not what is retained from now on (MQTT 5 §3.8.3.1). */
  readonly isRetainTold?: boolean;
}

/** `unheld`: the broker took it and threw it away, because nobody has subscribed (MQTT 5 §3.4.2.1, 0x10). `withdrawn`: not sent. */
export type Taken = "held" | "unheld" | "withdrawn";

const NO_SUBSCRIBERS = 0x10;
/** 1 to 23 letters and digits (MQTT 5 §3.1.3.1). */
const CLIENT_ID_BYTES = 11;

/** A random ClientID. Keep it: it names the session that the broker holds for us. */
export function makeClientId(): string {
  return crypto.getRandomValues(new Uint8Array(CLIENT_ID_BYTES)).toHex();
}

export class BrokerClient {
  readonly #options: BrokerOptions;
  readonly #events: BrokerEvents;
  readonly #subscriptions: Subscriptions;
  readonly #window = new OutgoingWindow(OUTGOING_MAX);
  /** Message ids whose PUBACK said that nobody has subscribed. */
  readonly #unheld = new Set<number>();
  #client: MqttClient | undefined;
  #waitMs = RECONNECT_MIN_MS;

  constructor(subscriptions: Subscriptions, options: BrokerOptions, events: BrokerEvents) {
    this.#subscriptions = subscriptions;
    this.#options = options;
    this.#events = events;
  }

  /**
   * Resolves when the subscriptions stand; from then on it comes back by itself. Throws ERR_CHANNEL_BROKER when the broker cannot be
   * reached, or refuses us or a subscription, and leaves nothing behind.
   */
  async start(): Promise<void> {
    const client = connect(this.#options.url, this.#connectOptions());
    this.#client = client;
    try {
      await this.#ready(client);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  #ready(client: MqttClient): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.on("connect", () => {
      this.#subscribe(client).then(
        () => {
          this.#waitMs = RECONNECT_MIN_MS;
          this.#window.open(client.serverProperties?.receiveMaximum);
          this.#events.onReady?.();
          resolve();
        },
        (error: unknown) => {
          this.#fault(error);
          reject(error);
          // Connected and deaf is worse than away: it tries again.
          client.stream.destroy();
        },
      );
    });
    client.on("message", (topic, payload, packet) => {
      // What has a QoS was taken before it was acknowledged, in `customHandleAcks`.
      if (packet.qos === 0) void this.#take(topic, payload, packet).catch((error: unknown) => this.#fault(error));
    });
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback" && packet.reasonCode === NO_SUBSCRIBERS && packet.messageId !== undefined)
        this.#unheld.add(packet.messageId);
    });
    client.on("reconnect", () => {
      // Read by the library when the connection that it now tries has closed.
      client.options.reconnectPeriod = this.#waitMs = nextWaitMs(this.#waitMs, RECONNECT_MIN_MS, RECONNECT_MAX_MS, this.#options.random);
    });
    client.on("error", (error) => {
      this.#fault(error);
      reject(brokerError(error));
    });
    client.on("close", () => this.#window.shut());
    return promise;
  }

  /** Messages that may be published now; none while the broker is away. */
  get room(): number {
    return this.#window.room;
  }

  /**
   * QoS 1. Resolves when the broker has taken the message: it then survives us, and says nothing of any receiver. While the broker
   * is away it waits. Throws ERR_CHANNEL_BUSY when too many wait, ERR_CHANNEL_BROKER when the broker refuses it.
   */
  async publish({ topic, payload, properties, isRetained = false, isMeant }: Outgoing): Promise<Taken> {
    return this.#window.run(async () => {
      const client = this.#client;
      if (client === undefined) throw new ChannelError("ERR_CHANNEL_BROKER", "not connected yet");
      if (isMeant?.() === false) return "withdrawn";
      try {
        const sent = await client.publishAsync(topic, Buffer.from(payload), { qos: 1, retain: isRetained, properties });
        return this.#unheld.delete((sent as IPublishPacket).messageId ?? 0) ? "unheld" : "held";
      } catch (cause) {
        throw brokerError(cause);
      }
    });
  }

  /** Leaves as one who comes back: the broker keeps the session. */
  async stop(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LEAVING_MAX_MS);
    await Promise.race([client.endAsync(!client.connected), isLate]);
    clearTimeout(timer);
    client.stream.destroy();
    this.#window.close();
  }

  #connectOptions(): IClientOptions {
    const { url, clientId, tls } = this.#options;
    const isSecure = url.startsWith("mqtts://");
    if (isSecure !== (tls !== undefined)) throw new ChannelError("ERR_CHANNEL_BROKER", `${url}: mqtts:// and certificates go together`);
    return {
      protocolVersion: 5,
      clean: false,
      clientId,
      keepalive: KEEP_ALIVE_SECONDS,
      properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS, receiveMaximum: RECEIVE_MAX, maximumPacketSize: PACKET_BYTES_MAX },
      ...(tls && { ca: tls.caPem, cert: tls.certPem, key: tls.keyPem, rejectUnauthorized: true, ...TLS }),
      // The library pings after the whole keep alive, on the second of two ticks; shorter ticks make it 95 %.
      timerVariant: {
        set: (tick, ms = 0) => Number(setInterval(tick, ms * PING_SHARE)),
        clear: (timer) => clearInterval(timer),
      },
      connectTimeout: CONNECT_MAX_MS,
      reconnectPeriod: this.#waitMs,
      reconnectOnConnackError: true,
      // `start` subscribes after every CONNACK: the broker may have lost the session, or hold another version's.
      resubscribe: false,
      // Called before PUBACK (QoS 1) and before PUBREC (QoS 2): nothing is acknowledged that is not kept.
      customHandleAcks: (topic, payload, packet: IPublishPacket, acknowledge) => {
        this.#take(topic, payload, packet).then(
          () => acknowledge(0),
          (error: unknown) => {
            acknowledge(brokerError(error));
            // On this connection the broker would wait for ever; on the next one it sends the message again.
            this.#client?.stream.destroy();
          },
        );
      },
    };
  }

  async #subscribe(client: MqttClient): Promise<void> {
    const { topics, isRetainTold = true } = this.#subscriptions;
    const subscriptions: ISubscriptionMap = {};
    for (const topic of topics) subscriptions[topic] = { qos: 2, nl: true, rap: isRetainTold, rh: 0 };
    await client.subscribeAsync(subscriptions).catch((cause: unknown) => {
      throw brokerError(cause);
    });
  }

  async #take(topic: string, payload: Uint8Array, { retain, properties }: IPublishPacket): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = () => reject(new ChannelError("ERR_CHANNEL_TIMEOUT", `a message on ${topic} was not taken in time`));
    const timer = setTimeout(late, ACCEPT_MAX_MS);
    try {
      await Promise.race([promise, this.#events.onPublication({ topic, payload, isRetained: retain, properties })]);
    } finally {
      clearTimeout(timer);
    }
  }

  #fault(error: unknown): void {
    const { message } = brokerError(error);
    this.#options.log.warn({ broker: this.#options.url, err: error }, message);
  }
}

/** MQTT v1.0 App. B. Handed on to the TLS socket; the library's type does not know it. */
const TLS: object = { minVersion: "TLSv1.2" };

function brokerError(cause: unknown): ChannelError {
  if (cause instanceof ChannelError) return cause;
  return new ChannelError("ERR_CHANNEL_BROKER", `the broker: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
