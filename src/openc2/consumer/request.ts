/** From a delivery to a command and to whom an answer goes; from a response to bytes. Dialect D2 (HTTPS v1.1 §3.3.2). Pure. */
import { EdictError } from "../edict-error.ts";
import { parseMessage } from "../dialects/read.ts";
import { encodeResponse } from "../dialects/write.ts";
import { readJson } from "../json/read.ts";
import { STATUS_TEXT_CHARACTERS_MAX } from "../limits.ts";
import { type Command, type JsonObject, type JsonValue, RESPONSE_TYPES, type Response, type ResponseType } from "../model.ts";
import type { ProfileSet } from "../profiles/profile.ts";
import { OpenC2Error } from "../errors.ts";
import { ConsumerError } from "./errors.ts";
import { ID_CHARACTERS_MAX } from "./limits.ts";
import type { Delivery } from "./port.ts";

export interface ReplyTo {
  /** Of the message, or else of what carried it (HTTPS v1.1 §3.3.3). */
  readonly requestId?: string;
  readonly from?: string;
  /** Absent when the message could not be read so far. */
  readonly requested?: ResponseType;
}

export type Reading =
  | { readonly replyTo: ReplyTo; readonly command: Command; readonly to?: readonly string[] }
  | { readonly replyTo: ReplyTo; readonly error: unknown };

/** Never throws for what a peer sent. */
export function readRequest({ bytes, serialisation, requestId }: Delivery, profiles: ProfileSet): Reading {
  const carried = requestId === undefined ? {} : { requestId };
  if (serialisation !== "json") {
    return { replyTo: carried, error: new ConsumerError("ERR_CONSUMER_SERIALISATION", `${serialisation} is not read here`) };
  }
  try {
    const message = parseMessage(bytes, { profiles });
    const { request_id, from, to } = message.headers;
    const requested = message.kind === "request" ? (message.command.args?.response_requested ?? "complete") : "complete";
    const replyTo = {
      ...carried,
      ...(request_id !== undefined && { requestId: request_id }),
      ...(from !== undefined && { from }),
      requested,
    };
    if (message.kind !== "request") {
      return { replyTo, error: new ConsumerError("ERR_CONSUMER_NOT_A_REQUEST", `a request is expected, not a ${message.kind}`) };
    }
    return { replyTo, command: message.command, ...(to && { to }) };
  } catch (error) {
    return { replyTo: { ...carried, ...glean(bytes) }, error };
  }
}

/** The exact bytes of the answer. A response that may not be sent, because a handler made it, is replaced by a 500. */
export function writeResponse({ requestId, from }: ReplyTo, response: Response, me: string | undefined, nowMs: number): Uint8Array {
  const headers = {
    ...(requestId !== undefined && { request_id: requestId }),
    created: nowMs,
    ...(me !== undefined && { from: me }),
    ...(from !== undefined && { to: [from] }),
  };
  return encodeResponse(headers, response);
}

/** What a status_text may say of an error: its code, where, why and by which clause; of a fault of ours, no more than its code. */
export function statusText(error: EdictError): string {
  const clause = error instanceof OpenC2Error && error.clause !== undefined ? ` (${error.clause})` : "";
  return `${error.code} ${error.message}${clause}`.slice(0, STATUS_TEXT_CHARACTERS_MAX);
}

/**
 * From a message that is JSON but not what it should be: enough to answer, or to know that nothing may be said. In an envelope or
 * bare, because the dialect is not known either.
 */
function glean(bytes: Uint8Array): ReplyTo {
  try {
    const message = readJson(bytes);
    const requestId = at(message, "headers", "request_id");
    const command = at(message, "body", "openc2", "request") ?? message;
    const requested = RESPONSE_TYPES.find((type) => type === at(command, "args", "response_requested"));
    return { ...(isId(requestId) && { requestId }), ...(requested && { requested }) };
  } catch {
    return {};
  }
}

function at(value: JsonValue | undefined, ...names: readonly string[]): JsonValue | undefined {
  return names.reduce<JsonValue | undefined>(
    (map, name) => (typeof map === "object" && map !== null && !Array.isArray(map) ? (map as JsonObject)[name] : undefined),
    value,
  );
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= ID_CHARACTERS_MAX;
}
