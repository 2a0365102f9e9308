/** A device's standing channel as the gateway's fan-out sees it. What the kernel takes it calls sent, whether or not it arrives. */
import type { Channel, Written } from "../../src/channel/gateway/channel.ts";
import type { LiveOrder } from "../../src/channel/gateway/order-book.ts";

export class SimChannel implements Channel {
  readonly deviceId: string;
  readonly ordinal: number;
  readonly #carry: (order: LiveOrder, channel: SimChannel) => Written;
  isOpen = true;
  isReady = false;
  hasCheckedIn = false;
  writtenSeq = 0;
  silentSeq = 0;
  /** A stream keeps its order: nothing arrives before what was written before it. */
  arrivesMs = 0;
  #isTaken = true;

  readonly openedMs: number;

  constructor(
    deviceId: string,
    ordinal: number,
    { openedMs, carry }: { readonly openedMs: number; readonly carry: (order: LiveOrder, channel: SimChannel) => Written },
  ) {
    this.openedMs = openedMs;
    this.deviceId = deviceId;
    this.ordinal = ordinal;
    this.#carry = carry;
  }

  send(order: LiveOrder): Written {
    const written = this.#carry(order, this);
    this.#isTaken = written !== "refused";
    return written;
  }

  onSettled(settled: (isTaken: boolean) => void): void {
    settled(this.#isTaken);
  }
}
