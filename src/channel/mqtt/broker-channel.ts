/** A device behind a broker, from one check-in to the next, as the fan-out sees it. What is sent to it waits for the broker's word. */
import type { Channel, Written } from "../gateway/channel.ts";
import type { LiveOrder } from "../gateway/order-book.ts";

/** Whether the broker holds it for the device. Never rejects. */
export type Carry = (order: LiveOrder, channel: BrokerChannel) => Promise<boolean>;

export class BrokerChannel implements Channel {
  readonly deviceId: string;
  readonly ordinal: number;
  readonly isReady = true;
  isOpen = true;
  writtenSeq = 0;
  silentSeq = 0;
  readonly #carry: Carry;
  #carried: Promise<boolean> = Promise.resolve(false);

  constructor(deviceId: string, ordinal: number, carry: Carry) {
    this.deviceId = deviceId;
    this.ordinal = ordinal;
    this.#carry = carry;
  }

  send(order: LiveOrder): Written {
    this.#carried = this.#carry(order, this);
    return "queued";
  }

  onSettled(settled: (isTaken: boolean) => void): void {
    void this.#carried.then(settled);
  }
}
