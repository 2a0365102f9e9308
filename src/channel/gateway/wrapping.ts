/**
 * How messages are wrapped for a channel of our own: in WebSocket frames, or as server-sent events. Everything else about the two
 * is the same: the door, the fan-out, the deny list, the queue.
 */
import { encodeClose, encodeEvent, encodeFrame, encodeGoodbye, KEEP_ALIVE, OPCODES } from "../wire/index.ts";

/** One message in both wrappings, made once: the same immutable bytes go to every channel. */
export interface Wrapped {
  readonly frame: Uint8Array;
  readonly event: Uint8Array;
}

export interface Wrapping {
  readonly of: (message: Wrapped) => Uint8Array;
  readonly keepAlive: Uint8Array;
  /** Asks whether the device is there, with a nonce that its answer has to bring back. */
  readonly question: (nonce: Uint8Array) => Uint8Array;
  /** The last thing that is said, and whether the device should come back. */
  readonly farewell: (code: number, reason: string) => Uint8Array;
}

const encoder = new TextEncoder();

export const WEBSOCKET: Wrapping = {
  of: ({ frame }) => frame,
  keepAlive: encodeFrame(OPCODES.ping, new Uint8Array(0)),
  question: (nonce) => encodeFrame(OPCODES.ping, nonce),
  farewell: encodeClose,
};

export const EVENTS: Wrapping = {
  of: ({ event }) => event,
  keepAlive: KEEP_ALIVE,
  question: (nonce) => encodeEvent({ event: "ask", data: encoder.encode(`{"ask":"${nonce.toHex()}"}`) }),
  // A stream has no close code: what a person reads in the device's log, as a comment.
  farewell: (code, reason) => encoder.encode(`: closed ${code} ${reason}\n\n`),
};

export function wrapCommand(jws: Uint8Array, seq: number): Wrapped {
  return { frame: encodeFrame(OPCODES.text, jws), event: encodeEvent({ event: "command", id: seq, data: jws }) };
}

export function wrapTrust(message: Uint8Array): Wrapped {
  return { frame: encodeFrame(OPCODES.text, message), event: encodeEvent({ event: "trust", data: message }) };
}

export function wrapGoodbye(delayMs: number): Wrapped {
  const message = encodeGoodbye({ delay_ms: delayMs });
  return { frame: encodeFrame(OPCODES.text, message), event: encodeEvent({ event: "goodbye", data: message, retryMs: delayMs }) };
}
