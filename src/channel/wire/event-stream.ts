/**
 * Server-sent events (WHATWG HTML §9.2), the gateway's side: a channel for devices as small as `curl -N`. What travels down is
 * what travels in WebSocket messages, each as the one data line of an event that is named after its kind. Pure.
 */

interface ServerEvent {
  readonly event: "hello" | "command" | "trust" | "goodbye" | "ask";
  readonly data: Uint8Array;
  /** The order's serial, that the device may name when it returns. */
  readonly id?: number;
  /** ms after which the device should come back. */
  readonly retryMs?: number;
}

/** A comment: whoever reads events passes over it, and a NAT sees traffic. */
export const KEEP_ALIVE: Uint8Array = new TextEncoder().encode(":\n\n");

const encoder = new TextEncoder();
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

export function encodeEvent({ event, data, id, retryMs }: ServerEvent): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  const retryLine = retryMs === undefined ? "" : `retry: ${retryMs}\n`;
  const head = encoder.encode(`${idLine}${retryLine}event: ${event}\ndata: `);
  const bytes = new Uint8Array(head.length + data.length + 2).fill(LF);
  bytes.set(head);
  // Between the tokens of a JSON text, the only place where it may have them, a space means the same and ends no line.
  bytes.set(
    data.map((byte) => (byte === LF || byte === CR ? SPACE : byte)),
    head.length,
  );
  return bytes;
}

/** The head of the answer. The stream ends with the connection: its events need no second framing around them (docs/adr/0033). */
export function streamResponse(): Uint8Array {
  return encoder.encode("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
}
