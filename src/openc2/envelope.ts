/**
 * Dialect D2: an LS 1.0 body in the envelope of HTTPS v1.1 §3.3.2 and MQTT v1.0 §2.4.2. Strict when emitting (compact, members
 * in one order, hashes in upper case as §3.1.5 wants, nothing invalid), tolerant in reading where the text allows it. Pure.
 */
import { validateCommand } from "./command.ts";
import { OpenC2Error } from "./errors.ts";
import type { ReadOptions } from "./extensions.ts";
import { readJson } from "./json/read.ts";
import type { Command, Headers, JsonObject, Message, Response } from "./model.ts";
import { validateResponse } from "./response.ts";
import { type Check, choice, closedMap, integer, listOf, onlyMember, text } from "./shape.ts";

const encoder = new TextEncoder();
const anything: Check = () => {};

const headersCheck = closedMap({ request_id: text(), created: integer({ least: 0 }), from: text(), to: listOf(text(), { least: 1 }) });
const openc2 = choice({ request: anything, response: anything });
/** `signature` belongs to a later draft; on our channels the signature is outside, over these very bytes. */
const envelope = closedMap({ headers: headersCheck, body: choice({ openc2 }), signature: text() }, { required: ["body"] });

/** Throws OpenC2Error; paths are from the envelope's root. */
export function parseMessage(bytes: Uint8Array, options: ReadOptions = {}): Message {
  const value = readJson(bytes) as JsonObject;
  envelope(value, "$");
  const headers = (value["headers"] ?? {}) as Headers;
  const content = (value["body"] as JsonObject)["openc2"] as JsonObject;
  const kind = onlyMember(content, "$.body.openc2");
  const inner = content[kind] ?? null;
  return kind === "request"
    ? { kind, headers, command: validateCommand(inner, options, "$.body.openc2.request") }
    : { kind: "response", headers, response: validateResponse(inner, options, "$.body.openc2.response") };
}

/** The exact bytes of a command; throws OpenC2Error rather than emit what a strict reader would refuse. */
export function encodeRequest(headers: Headers, command: Command): Uint8Array {
  return emit(headers, "request", command);
}

export function encodeResponse(headers: Headers, response: Response): Uint8Array {
  return emit(headers, "response", response);
}

function emit({ request_id, created, from, to }: Headers, kind: "request" | "response", content: Command | Response): Uint8Array {
  const headers = { request_id, created, from, to };
  const bytes = encoder.encode(JSON.stringify({ headers, body: { openc2: { [kind]: upperHashes(content) } } }));
  const message = parseMessage(bytes, { profiles: "known" });
  if (message.kind !== kind) throw new OpenC2Error("ERR_OPENC2_ENVELOPE", `this is not a ${kind}`);
  return bytes;
}

/** Hexadecimal digests in upper case, wherever a `hashes` map stands. */
function upperHashes(value: unknown, isHashes = false): unknown {
  if (typeof value === "string") return isHashes ? value.toUpperCase() : value;
  if (Array.isArray(value)) return value.map((item: unknown) => upperHashes(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, upperHashes(member, isHashes || name === "hashes")]));
}
