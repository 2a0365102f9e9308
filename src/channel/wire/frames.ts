/**
 * WebSocket frames (RFC 6455 §5), both sides. Pure. It reads bytes as they come and gives whole messages; every rule that a
 * peer can break has its close code.
 */
import { ChannelError } from "../errors.ts";
import { MESSAGE_FRAGMENTS_MAX } from "../limits.ts";

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RFC 6455 §7.4.1, and ours from 4000: they tell a device whether to come back. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocol: 1002,
  unsupported: 1003,
  invalid: 1007,
  policy: 1008,
  tooBig: 1009,
  tryLater: 1013,
  replaced: 4001,
  quarantined: 4002,
  denied: 4003,
} as const;

export class FrameError extends ChannelError {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super("ERR_CHANNEL_FRAME", message);
    this.closeCode = closeCode;
  }
}

export type Frame =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "ping" | "pong"; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

const CONTROL_BYTES_MAX = 125;
const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** One whole frame. A client masks (RFC 6455 §5.3), a server does not. */
export function encodeFrame(opcode: number, payload: Uint8Array, mask?: Uint8Array): Uint8Array {
  const lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const headBytes = 2 + lengthBytes + (mask === undefined ? 0 : 4);
  const frame = new Uint8Array(headBytes + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = (mask === undefined ? 0 : 0x80) | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, payload.length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(payload.length));
  frame.set(payload, headBytes);
  if (mask !== undefined) {
    frame.set(mask, headBytes - 4);
    unmask(frame.subarray(headBytes), mask);
  }
  return frame;
}

/** `reason` is a short ASCII word for whoever reads the peer's log: a control frame has room for 123 bytes. */
export function encodeClose(code: number, reason = "", mask?: Uint8Array): Uint8Array {
  return encodeFrame(OPCODES.close, Uint8Array.of(code >> 8, code & 0xff, ...encoder.encode(reason)), mask);
}

export interface FrameRules {
  /** A server expects masked frames, a client unmasked ones. */
  readonly isMasked: boolean;
  readonly messageBytesMax: number;
}

export class FrameReader {
  readonly #rules: FrameRules;
  #waiting: Uint8Array = new Uint8Array(0);
  #parts: Uint8Array[] | undefined;
  #partsBytes = 0;
  #isText = false;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Whole frames in this chunk and what waited before it. Throws FrameError, after which the channel is to be closed. */
  push(chunk: Uint8Array): readonly Frame[] {
    let bytes = this.#waiting.length === 0 ? chunk : concat([this.#waiting, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const head = this.#head(bytes);
      if (head === undefined || bytes.length < head.bytes + head.payloadBytes) break;
      // Copies: the chunk belongs to the socket, and a slice of a Buffer would share it (and be unmasked in place).
      const payload = new Uint8Array(bytes.subarray(head.bytes, head.bytes + head.payloadBytes));
      if (head.mask !== undefined) unmask(payload, head.mask);
      bytes = bytes.subarray(head.bytes + head.payloadBytes);
      const frame = this.#frame(head.opcode, head.isFinal, payload);
      if (frame !== undefined) frames.push(frame);
      if (frame?.kind === "close") break;
    }
    this.#waiting = new Uint8Array(bytes);
    return frames;
  }

  #head(bytes: Uint8Array) {
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return undefined;
    if ((first & 0x70) !== 0) throw new FrameError(CLOSE.protocol, "a reserved bit is set");
    if (((second & 0x80) !== 0) !== this.#rules.isMasked)
      throw new FrameError(CLOSE.protocol, this.#rules.isMasked ? "a frame is not masked" : "a frame is masked");
    const opcode = first & 0x0f;
    const short = second & 0x7f;
    const isControl = opcode >= 8;
    if (isControl && (short > CONTROL_BYTES_MAX || (first & 0x80) === 0))
      throw new FrameError(CLOSE.protocol, "a control frame is long or fragmented");
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const headBytes = 2 + lengthBytes + (this.#rules.isMasked ? 4 : 0);
    if (bytes.length < headBytes) return undefined;
    const payloadBytes = lengthOf(bytes, short);
    if (!isControl && payloadBytes + this.#partsBytes > this.#rules.messageBytesMax) {
      throw new FrameError(CLOSE.tooBig, `a message is longer than ${this.#rules.messageBytesMax} bytes`);
    }
    const mask = this.#rules.isMasked ? bytes.slice(headBytes - 4, headBytes) : undefined;
    return { opcode, isFinal: (first & 0x80) !== 0, bytes: headBytes, payloadBytes, mask };
  }

  #frame(opcode: number, isFinal: boolean, payload: Uint8Array): Frame | undefined {
    switch (opcode) {
      case OPCODES.text:
      case OPCODES.binary:
        if (this.#parts !== undefined) throw new FrameError(CLOSE.protocol, "a message begins within another");
        this.#parts = [];
        this.#isText = opcode === OPCODES.text;
        return this.#part(payload, isFinal);
      case OPCODES.continuation:
        if (this.#parts === undefined) throw new FrameError(CLOSE.protocol, "a continuation of nothing");
        return this.#part(payload, isFinal);
      case OPCODES.ping:
        return { kind: "ping", bytes: payload };
      case OPCODES.pong:
        return { kind: "pong", bytes: payload };
      case OPCODES.close:
        return { kind: "close", ...closing(payload) };
      default:
        throw new FrameError(CLOSE.protocol, `the opcode ${opcode} is reserved`);
    }
  }

  #part(payload: Uint8Array, isFinal: boolean): Frame | undefined {
    this.#parts?.push(payload);
    this.#partsBytes += payload.length;
    // Empty fragments cost no payload bytes: without this an endless message would grow the list for ever.
    if ((this.#parts?.length ?? 0) > MESSAGE_FRAGMENTS_MAX) throw new FrameError(CLOSE.policy, "a message in too many fragments");
    if (!isFinal) return undefined;
    const bytes = this.#parts?.length === 1 ? payload : concat(this.#parts ?? []);
    this.#parts = undefined;
    this.#partsBytes = 0;
    if (this.#isText && !isUtf8(bytes)) throw new FrameError(CLOSE.invalid, "a text is not UTF-8");
    return { kind: "message", bytes };
  }
}

function lengthOf(bytes: Uint8Array, short: number): number {
  if (short < 126) return short;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (short === 126) {
    const length = view.getUint16(2);
    if (length < 126) throw new FrameError(CLOSE.protocol, "a length is not written the short way");
    return length;
  }
  const length = view.getBigUint64(2);
  if (length < 65_536n || length > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError(CLOSE.protocol, "a length is not possible");
  return Number(length);
}

/** RFC 6455 §7.4: no code is 1005, and only some codes may travel. */
function closing(payload: Uint8Array): { readonly code: number; readonly reason: string } {
  if (payload.length === 0) return { code: 1005, reason: "" };
  const code = payload.length >= 2 ? new DataView(payload.buffer, payload.byteOffset).getUint16(0) : 0;
  const isAllowed = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  const text = payload.subarray(2);
  if (!isAllowed || !isUtf8(text)) throw new FrameError(CLOSE.protocol, "a close frame is malformed");
  return { code, reason: utf8.decode(text) };
}

function unmask(payload: Uint8Array, mask: Uint8Array): void {
  for (let index = 0; index < payload.length; index += 1) payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
