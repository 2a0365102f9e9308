/**
 * A device's link to its gateway through a broker: signed commands come on the device's own topic, check-ins and answers go to the
 * gateway's. It comes back by itself and says so, and the device then checks in anew.
 */
import { isCheckIn, type Link, type LinkEvents } from "../wire/index.ts";
import { BrokerClient, type BrokerOptions, type Publication } from "./broker-client.ts";
import { SIGNED_TYPE, writeCheckInProperties, writeProperties } from "./properties.ts";
import { commandTopic, upwardTopic } from "./topics.ts";

export interface DeviceLinkOptions extends BrokerOptions {
  /** As in its certificate. */
  readonly deviceId: string;
  /** The name of the gateway that it speaks to. */
  readonly gateway: string;
}

export class DeviceLink implements Link {
  readonly #options: DeviceLinkOptions;
  readonly #events: LinkEvents;
  readonly #broker: BrokerClient;
  readonly #ended = Promise.withResolvers<string>();

  constructor(options: DeviceLinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#broker = new BrokerClient({ topics: [commandTopic({ kind: "device", id: options.deviceId })] }, options, {
      onPublication: (publication) => this.#hear(publication),
      onReady: () => events.onOpen(this),
    });
  }

  async run(): Promise<string> {
    try {
      await this.#broker.start();
    } catch (error) {
      this.close(error instanceof Error ? error.message : String(error));
    }
    return this.#ended.promise;
  }

  send(bytes: Uint8Array): void {
    const { gateway, deviceId, log } = this.#options;
    const checksIn = isCheckIn(bytes);
    const outgoing = {
      topic: upwardTopic(gateway, deviceId),
      payload: bytes,
      properties: checksIn ? writeCheckInProperties() : writeProperties({ type: "rsp", serialisation: "json" }),
      // Kept by the broker, so that a gateway that starts anew knows who there is.
      isRetained: checksIn,
    };
    this.#broker.publish(outgoing).catch((error: unknown) => log.warn({ err: error }, "the broker did not take what the device says"));
  }

  close(reason: string): void {
    this.#ended.resolve(reason);
    void this.#broker.stop();
  }

  /** Only signed commands: what stands in them is for the device to verify. */
  async #hear({ topic, payload, isRetained, properties }: Publication): Promise<void> {
    if (isRetained || properties?.contentType !== SIGNED_TYPE) {
      this.#options.log.warn({ topic }, "not a signed command");
      return;
    }
    await this.#events.onMessage({ kind: "command", frame: payload });
  }
}
