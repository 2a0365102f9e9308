/** Messages on a channel to and from bytes, strictly: what is not one of them is refused. Pure. */
import { type JsonObject, type JsonValue, parseMessage, readJson, type Response, validateResponse } from "../../openc2/index.ts";
import { ChannelError } from "../errors.ts";
import { DOWNWARD_MESSAGE_BYTES_MAX, GOODBYE_DELAY_MAX_MS, SEEN_IN_CHECK_IN_MAX, UPWARD_MESSAGE_BYTES_MAX } from "../limits.ts";
import { statementOf } from "../../trust/check-in.ts";
import { DIRECTORS_MAX } from "../../trust/limits.ts";
import type { CheckIn, Goodbye, TrustVersions } from "./messages.ts";

export type Upward =
  /** `statement`: the same as the device signed it, not verified (trust/check-in.ts). */
  | { readonly kind: "check-in"; readonly checkIn: CheckIn; readonly statement?: string }
  | { readonly kind: "response"; readonly requestId: string; readonly response: Response };

export type Downward =
  /** Opaque here: the device verifies its signatures before it looks inside. */
  | { readonly kind: "command"; readonly frame: Uint8Array }
  | { readonly kind: "trust"; readonly document: Uint8Array }
  | { readonly kind: "goodbye"; readonly delayMs: number };

const encoder = new TextEncoder();
const CHECK_IN_START = encoder.encode('{"check_in":');
const latin1 = new TextDecoder("latin1");
const ALIVE_BYTES = 28;
const TRUST_START = encoder.encode('{"trust":');
const TRUST_END = encoder.encode("}");
const GOODBYE_START = encoder.encode('{"goodbye":');
/** LS 1.0 §3.4.2.3, and not empty. */
const COMMAND_ID = /^\S{1,36}$/;
/** RFC 7515 Appendix F. */
const PROOF = /^[\w-]+\.\.[\w-]+$/;

/** `prove`: signs the check-in's text (trust/check-in.ts), if the device can; the proof stands beside it. */
export function encodeCheckIn(checkIn: CheckIn, prove?: (text: string) => string | undefined): Uint8Array {
  const text = JSON.stringify(checkIn);
  const proof = prove?.(text);
  return encoder.encode(proof === undefined ? `{"check_in":${text}}` : `{"check_in":${text}${proofMember(proof)}`);
}

export function encodeGoodbye({ delay_ms }: Goodbye): Uint8Array {
  return encoder.encode(JSON.stringify({ goodbye: { delay_ms } }));
}

/** By its first bytes; the rest may be anything. */
export function isCheckIn(bytes: Uint8Array): boolean {
  return startsWith(bytes, CHECK_IN_START);
}

/** The nonce that the device of a stream was asked with and posts when it is there; undefined when this says anything else. */
export function readAlive(bytes: Uint8Array): Uint8Array | undefined {
  const nonce = bytes.length === ALIVE_BYTES ? /^\{"alive":"([0-9a-f]{16})"\}$/.exec(latin1.decode(bytes))?.[1] : undefined;
  return nonce === undefined ? undefined : Uint8Array.from(nonce.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** A document of trust as it stands: the device verifies it, whoever carries it does not look inside. */
export function encodeTrust(document: Uint8Array): Uint8Array {
  return Uint8Array.from([...TRUST_START, ...document, ...TRUST_END]);
}

/** What a device sent. Throws ERR_CHANNEL_MESSAGE. */
export function parseUpward(bytes: Uint8Array): Upward {
  return strictly("device", () => {
    if (isCheckIn(bytes)) return { kind: "check-in", ...parseCheckIn(bytes) };
    const message = parseMessage(bytes);
    if (message.kind === "request") throw refuse("it is a command");
    return { kind: "response", requestId: message.headers.request_id ?? "", response: message.response };
  });
}

/** What a gateway sent. Throws ERR_CHANNEL_MESSAGE for a malformed goodbye. */
export function parseDownward(bytes: Uint8Array): Downward {
  if (startsWith(bytes, TRUST_START)) return { kind: "trust", document: bytes.subarray(TRUST_START.length, -TRUST_END.length) };
  if (!startsWith(bytes, GOODBYE_START)) return { kind: "command", frame: bytes };
  return strictly("gateway", () => {
    const { delay_ms: delayMs } = asObject(onlyMember(readJson(bytes, { bytesMax: DOWNWARD_MESSAGE_BYTES_MAX }), "goodbye"));
    return { kind: "goodbye", delayMs: Math.min(asCount(delayMs, "delay_ms"), GOODBYE_DELAY_MAX_MS) };
  });
}

function parseCheckIn(bytes: Uint8Array): { readonly checkIn: CheckIn; readonly statement?: string } {
  const { proof, ...document } = asObject(readJson(bytes, { bytesMax: UPWARD_MESSAGE_BYTES_MAX }));
  const checkIn = checkInOf(document);
  return { checkIn, ...(proof !== undefined && { statement: statementIn(bytes, proof) }) };
}

function checkInOf(document: JsonObject): CheckIn {
  const { software, boot, slot, seen, trust, ...more } = asObject(onlyMember(document, "check_in"));
  const { last_update: lastUpdate, last_command: lastCommand, ...rest } = more;
  if (Object.keys(rest).length > 0) throw refuse(`a check-in has no member ${Object.keys(rest).join(", ")}`);
  if (slot !== "a" && slot !== "b") throw refuse("the slot is a or b");
  if (!Array.isArray(seen) || seen.length > SEEN_IN_CHECK_IN_MAX || !seen.every((id) => typeof id === "string" && COMMAND_ID.test(id)))
    throw refuse("seen is a short list of ids");
  // The same facts travel in responses: one definition decides what they look like.
  const { results } = validateResponse({
    status: 200,
    results: {
      "x-swup": { software: software ?? null, ...(lastUpdate !== undefined && { last_update: lastUpdate }) },
      ...(lastCommand !== undefined && { "x-iot": { last_command: lastCommand } }),
    },
  });
  const { "x-swup": swup, "x-iot": iot } = results ?? {};
  if (swup?.software === undefined) throw refuse("a check-in names its software");
  return {
    software: swup.software,
    boot: asCount(boot, "boot"),
    slot,
    seen: seen as readonly string[],
    ...(trust !== undefined && { trust: parseVersions(trust) }),
    ...(swup.last_update && { last_update: swup.last_update }),
    ...(iot?.last_command && { last_command: iot.last_command }),
  };
}

function parseVersions(value: JsonValue): TrustVersions {
  const { map, directors, ...rest } = asObject(value);
  const entries = Object.entries(asObject(directors));
  if (Object.keys(rest).length > 0 || entries.length > DIRECTORS_MAX) throw refuse("trust has a map and a few directors");
  return { map: asCount(map, "map"), directors: Object.fromEntries(entries.map(([name, version]) => [name, asCount(version, name)])) };
}

/**
 * The statement that the device signed, whole. The proof is the last member, so that what stands between is the signed text. Whether it
 * fits is for whoever believes it to find out: a gateway has no time for that.
 */
function statementIn(bytes: Uint8Array, proof: JsonValue): string {
  if (typeof proof !== "string" || !PROOF.test(proof)) throw refuse("the proof is no compact JWS with detached content");
  const text = new TextDecoder().decode(bytes);
  const end = proofMember(proof);
  if (!text.endsWith(end)) throw refuse("the proof does not stand last, or is written in another way");
  return statementOf(text.slice(CHECK_IN_START.length, -end.length), proof);
}

function proofMember(proof: string): string {
  return `,"proof":"${proof}"}`;
}

function asObject(value: JsonValue | undefined): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw refuse("an object is expected");
  return value as JsonObject;
}

function asCount(value: JsonValue | undefined, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw refuse(`${name} is not a whole number from 0`);
  return value;
}

function onlyMember(value: JsonValue, name: string): JsonValue | undefined {
  const object = asObject(value);
  if (Object.keys(object).length !== 1) throw refuse(`${name} stands alone`);
  return object[name];
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** One code for whatever is wrong with a message; the cause says what. */
function strictly<T>(sender: "device" | "gateway", read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ChannelError("ERR_CHANNEL_MESSAGE", `a ${sender} sent what cannot be read: ${why}`, { cause });
  }
}

function refuse(why: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_MESSAGE", why);
}
