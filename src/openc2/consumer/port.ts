/**
 * How a transfer (HTTPS, MQTT, a standing channel) hands a message to a consumer, and what it gets back. The consumer knows
 * nothing of sockets; a transfer knows nothing of OpenC2 but this. Pure.
 */
import type { Status } from "../model.ts";

/** Dialects of one language (docs/openc2.md): D1 LS 1.0 bare, D2 LS 1.0 in the envelope of HTTPS v1.1, D3 the LS 2.0 draft. */
export type Dialect = "D1" | "D2" | "D3";

export interface Delivery {
  readonly bytes: Uint8Array;
  readonly serialisation: "json" | "cbor";
  /** What the peer is known to speak; "any" finds it out by looking. */
  readonly dialect: Dialect | "any";
  /** Who sent it, as the transfer authenticated it; never what the message says of itself. */
  readonly peer: string;
  /** The id that the transfer carried beside the message, e.g. `X-Request-ID` (HTTPS v1.1 §3.3.3). */
  readonly requestId?: string;
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
