/**
 * Dialect D2: an LS 1.0 body in the envelope of HTTPS v1.1 §3.3.2 and MQTT v1.0 §2.4.2. Strict when emitting (compact, members
 * in one order, hashes in upper case as §3.1.5 wants, nothing invalid), tolerant in reading where the text allows it. Pure.
 */
import { checkProduced, commandCheck } from "./command.ts";
import { perProfiles, type ReadOptions } from "./extensions.ts";
import { runCheck } from "./faults.ts";
import { readJson } from "./json/read.ts";
import type { Command, Headers, JsonObject, Message, Response, Validated } from "./model.ts";
import { responseCheck } from "./response.ts";
import { type Check, choice, closedMap, fail, integer, listOf, onlyMember, text } from "./shape.ts";

const encoder = new TextEncoder();
/** The envelope has headers with something in them, or none. */
const NO_HEADERS: Headers = Object.freeze({});
const headersCheck = closedMap({ request_id: text(), created: integer({ least: 0 }), from: text(), to: listOf(text(), { least: 1 }) });

/** `signature` belongs to a later draft; on our channels the signature is outside, over these very bytes. */
const envelopeCheck = perProfiles((options) => {
  const request = commandCheck(options);
  const response = responseCheck(options);
  const openc2: Check = (value, path, faults) => {
    const kind = onlyMember(value, path);
    const content = (value as JsonObject)[kind] ?? null;
    if (kind === "request") request(content, `${path}.request`, faults);
    else if (kind === "response") response(content, `${path}.response`, faults);
    else fail("ERR_OPENC2_ENVELOPE", path, "neither a request nor a response");
  };
  return closedMap({ headers: headersCheck, body: choice({ openc2 }), signature: text() }, { required: ["body"] });
});

interface Envelope {
  readonly headers?: Headers;
  readonly body: { readonly openc2: { readonly request: Validated<Command> } | { readonly response: Validated<Response> } };
}

/** Throws OpenC2Error; paths are from the envelope's root. */
export function parseMessage(bytes: Uint8Array, options: ReadOptions = {}): Message {
  const value = readJson(bytes);
  runCheck(envelopeCheck(options), value, "$");
  const checked: unknown = value;
  const { headers = NO_HEADERS, body } = checked as Envelope;
  const { openc2 } = body;
  return Object.freeze(
    "request" in openc2 ? { kind: "request", headers, command: openc2.request } : { kind: "response", headers, response: openc2.response },
  );
}
/** The exact bytes of a command; throws OpenC2Error rather than emit what a strict reader would refuse. */
export function encodeRequest(headers: Headers, command: Command): Uint8Array {
  return emit(headers, "request", command);
}

export function encodeResponse(headers: Headers, response: Response): Uint8Array {
  return emit(headers, "response", response);
}

function emit({ request_id, created, from, to }: Headers, kind: "request" | "response", content: Command | Response): Uint8Array {
  const given = { request_id, created, from, to };
  const headers = Object.values(given).some((value) => value !== undefined) ? given : undefined;
  const bytes = encoder.encode(JSON.stringify({ headers, body: { openc2: { [kind]: upperHashes(content) } } }));
  // What goes out is what a strict reader has read: the very bytes, not the object they were made from.
  const message = parseMessage(bytes);
  if (message.kind === "request") checkProduced(message.command, "$.body.openc2.request");
  return bytes;
}

/** Hexadecimal digests in upper case, wherever a `hashes` map stands. */
function upperHashes(value: unknown, isHashes = false): unknown {
  if (typeof value === "string") return isHashes ? value.toUpperCase() : value;
  if (Array.isArray(value)) return value.map((item: unknown) => upperHashes(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, upperHashes(member, isHashes || name === "hashes")]));
}
