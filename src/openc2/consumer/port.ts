/**
 * How a transfer (HTTPS, MQTT, a standing channel) hands a message to a consumer, and what it gets back. The consumer knows
 * nothing of sockets; a transfer knows nothing of OpenC2 but this. Pure.
 */
import type { Dialect } from "../dialects/dialect.ts";
import type { Status } from "../model.ts";

export type { Dialect };

export interface Delivery {
  readonly bytes: Uint8Array;
  readonly serialisation: "json" | "cbor";
  /** What the peer is known to speak; "any" finds it out by looking. */
  readonly dialect: Dialect | "any";
  /** Who sent it, as the transfer authenticated it; never what the message says of itself. */
  readonly peer: string;
  /** The id that the transfer carried beside the message, e.g. `X-Request-ID` (HTTPS v1.1 §3.3.3). */
  readonly requestId?: string;
  /** Called when the command is on disk. A transfer that acknowledges apart from answering (MQTT) waits for no more than this. */
  readonly onAccepted?: () => void;
}

/**
 * One answer per delivery. It comes once the command is durably accepted (none, ack) or done (status, complete).
 * `status` is the OpenC2 status in either case, so that a transfer can map it to its own.
 */
export type Answer =
  | { readonly kind: "message"; readonly status: Status; readonly bytes: Uint8Array; readonly requestId?: string }
  /** Nothing may be said: response_requested was none. 200 means accepted, anything else why it was not. */
  | { readonly kind: "silence"; readonly status: Status; readonly requestId?: string };

export interface ConsumerPort {
  /** Never throws for what a peer sent: that is an answer with a status. */
  receive(delivery: Delivery): Promise<Answer>;
}
