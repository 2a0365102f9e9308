/** What the fan-out needs of a standing channel, whatever carries it: a TLS connection of our own, or a device's topic at a broker. */
import type { LiveOrder } from "./order-book.ts";

/** All of it is the carrier's; or the rest waits; or there is no room for it, or no carrier. */
export type Written = "taken" | "queued" | "refused";

export interface Channel {
  readonly deviceId: string;
  readonly ordinal: number;
  readonly isOpen: boolean;
  /** Whether orders may be sent to it: it has checked in, or had its time to. */
  readonly isReady: boolean;
  /** The order that was written last, 0 if none. */
  writtenSeq: number;
  /** The order that asked for no answer and is the newest on this channel, 0 if none (upstream-counter.ts). */
  silentSeq: number;
  send(order: LiveOrder): Written;
  /** After a send that was queued: hear whether the carrier took it in the end. */
  onSettled(settled: (isTaken: boolean) => void): void;
}
