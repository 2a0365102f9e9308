/** Messages on a channel to and from bytes, strictly: what is not one of them is refused. Pure. */
import { type JsonObject, type JsonValue, parseMessage, readJson, type Response, validateResponse } from "../../openc2/index.ts";
import { ChannelError } from "../errors.ts";
import { DOWNWARD_MESSAGE_BYTES_MAX, SEEN_IN_CHECK_IN_MAX, UPWARD_MESSAGE_BYTES_MAX } from "../limits.ts";
import type { CheckIn, Goodbye } from "./messages.ts";

export type Upward =
  | { readonly kind: "check-in"; readonly checkIn: CheckIn }
  | { readonly kind: "response"; readonly requestId: string; readonly response: Response };

export type Downward =
  /** Opaque here: the device verifies its signatures before it looks inside. */
  { readonly kind: "command"; readonly frame: Uint8Array } | { readonly kind: "goodbye"; readonly delayMs: number };

const encoder = new TextEncoder();
const GOODBYE_START = encoder.encode('{"goodbye":');

export function encodeCheckIn(checkIn: CheckIn): Uint8Array {
  return encoder.encode(JSON.stringify({ check_in: checkIn }));
}

export function encodeGoodbye({ delay_ms }: Goodbye): Uint8Array {
  return encoder.encode(JSON.stringify({ goodbye: { delay_ms } }));
}

/** What a device sent. Throws ERR_CHANNEL_MESSAGE. */
export function parseUpward(bytes: Uint8Array): Upward {
  try {
    if (startsWith(bytes, '{"check_in":')) return { kind: "check-in", checkIn: parseCheckIn(bytes) };
    const message = parseMessage(bytes);
    if (message.kind === "response") return { kind: "response", requestId: message.headers.request_id ?? "", response: message.response };
  } catch (cause) {
    throw new ChannelError(
      "ERR_CHANNEL_MESSAGE",
      `a device sent what cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  throw new ChannelError("ERR_CHANNEL_MESSAGE", "a device sent a command");
}

/** What a gateway sent. Throws ERR_CHANNEL_MESSAGE for a malformed goodbye. */
export function parseDownward(bytes: Uint8Array): Downward {
  if (!GOODBYE_START.every((byte, index) => bytes[index] === byte)) return { kind: "command", frame: bytes };
  const goodbye = asObject(asObject(readJson(bytes, { bytesMax: DOWNWARD_MESSAGE_BYTES_MAX }))["goodbye"]);
  return { kind: "goodbye", delayMs: asCount(goodbye["delay_ms"], "delay_ms") };
}

function parseCheckIn(bytes: Uint8Array): CheckIn {
  const document = asObject(readJson(bytes, { bytesMax: UPWARD_MESSAGE_BYTES_MAX }));
  const { software, boot, slot, last_update: lastUpdate, seen, ...rest } = asObject(document["check_in"]);
  if (Object.keys(rest).length > 0) throw refuse(`a check-in has no member ${Object.keys(rest).join(", ")}`);
  if (slot !== "a" && slot !== "b") throw refuse("the slot is a or b");
  if (!Array.isArray(seen) || seen.length > SEEN_IN_CHECK_IN_MAX || !seen.every((id) => typeof id === "string"))
    throw refuse("seen is a short list of ids");
  // The same facts travel in responses: one definition decides what they look like.
  const { results } = validateResponse({
    status: 200,
    results: { "x-swup": { software: software ?? null, ...(lastUpdate !== undefined && { last_update: lastUpdate }) } },
  });
  const swup = results?.["x-swup"];
  if (swup?.software === undefined) throw refuse("a check-in names its software");
  return {
    software: swup.software,
    boot: asCount(boot, "boot"),
    slot,
    seen: seen as readonly string[],
    ...(swup.last_update && { last_update: swup.last_update }),
  };
}

function asObject(value: JsonValue | undefined): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw refuse("an object is expected");
  return value as JsonObject;
}

function asCount(value: JsonValue | undefined, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw refuse(`${name} is not a whole number from 0`);
  return value;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return encoder.encode(text).every((byte, index) => bytes[index] === byte);
}

function refuse(why: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_MESSAGE", why);
}
