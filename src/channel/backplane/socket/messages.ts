/**
 * What travels between the manager and a part of the gateway: a length, then JSON in which bytes are base64. Both ends are ours
 * and run as one user, so it is checked for size and shape, not for malice; orders carry signatures, and those are verified.
 */
import { ChannelError } from "../../errors.ts";
import { BACKPLANE_MESSAGE_BYTES_MAX } from "../../limits.ts";
import type { GatewayStats } from "../../stats/gateway-stats.ts";
import type { Admission, GatewayReport, Order } from "../port.ts";

/** From a part: who it is and how it is, then questions, each with a number that its answer bears. */
export type FromPart =
  | { readonly kind: "hello"; readonly part: string }
  | { readonly kind: "stats"; readonly stats: GatewayStats }
  | { readonly kind: "admit"; readonly id: number; readonly deviceId: string }
  | { readonly kind: "orders"; readonly id: number; readonly after: number }
  | { readonly kind: "report"; readonly id: number; readonly batch: readonly GatewayReport[] };

export type FromManager =
  | { readonly kind: "nudge" }
  | { readonly kind: "elsewhere"; readonly ordinal: number }
  | { readonly kind: "admission"; readonly id: number; readonly admission: Admission }
  /** As many as fit; `isAll` says whether there are more to ask for. */
  | { readonly kind: "orders"; readonly id: number; readonly orders: readonly Order[]; readonly isAll: boolean }
  | { readonly kind: "committed"; readonly id: number }
  /** The manager could not do it now; whoever asked keeps it and asks again. */
  | { readonly kind: "failed"; readonly id: number; readonly message: string };

const HEAD_BYTES = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function encodeMessage(message: FromPart | FromManager): Uint8Array {
  const text = JSON.stringify(message, (_key, value: unknown) => (value instanceof Uint8Array ? { base64: value.toBase64() } : value));
  const body = encoder.encode(text);
  if (body.length > BACKPLANE_MESSAGE_BYTES_MAX) throw malformed(`a message of ${body.length} bytes`);
  const bytes = new Uint8Array(HEAD_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

/** Collects messages that arrive in pieces. */
export class MessageReader<Message extends FromPart | FromManager> {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Of the message that is arriving, with its head; 0 until that is known. */
  #wanted = 0;

  /** Throws ERR_CHANNEL_MANAGER; the connection is to be closed then. */
  push(chunk: Uint8Array): readonly Message[] {
    const messages: Message[] = [];
    // A copy: the chunk belongs to the socket.
    this.#pieces.push(chunk.slice());
    this.#bytes += chunk.length;
    while (this.#bytes >= HEAD_BYTES) {
      this.#wanted ||= HEAD_BYTES + this.#length();
      if (this.#bytes < this.#wanted) break;
      const whole = this.#joined();
      messages.push(parse<Message>(whole.subarray(HEAD_BYTES, this.#wanted)));
      const rest = whole.subarray(this.#wanted);
      this.#pieces = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      this.#wanted = 0;
    }
    return messages;
  }

  #length(): number {
    const head = this.#joined();
    this.#pieces = [head];
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length > BACKPLANE_MESSAGE_BYTES_MAX) throw malformed(`a message of ${length} bytes`);
    return length;
  }

  #joined(): Uint8Array {
    const [only, ...others] = this.#pieces;
    if (only !== undefined && others.length === 0) return only;
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

function parse<Message>(body: Uint8Array): Message {
  try {
    return JSON.parse(decoder.decode(body), (_key, value: unknown) =>
      isBytes(value) ? Uint8Array.fromBase64(value.base64) : value,
    ) as Message;
  } catch (cause) {
    throw new ChannelError("ERR_CHANNEL_MANAGER", "a message of the backplane cannot be read", { cause });
  }
}

function isBytes(value: unknown): value is { readonly base64: string } {
  return typeof value === "object" && value !== null && "base64" in value && typeof value.base64 === "string";
}

function malformed(what: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_MANAGER", `${what} on the backplane, and ${BACKPLANE_MESSAGE_BYTES_MAX} is the most`);
}
