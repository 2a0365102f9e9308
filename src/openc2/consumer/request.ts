/** From a delivery to a command and to whom an answer goes, and from a response to bytes: in the dialect in which it came. Pure. */
import { type Dialect, dialectOf } from "../dialects/dialect.ts";
import { readMessage } from "../dialects/read.ts";
import { isObject } from "../dialects/values.ts";
import { EdictError } from "../edict-error.ts";
import { OpenC2Error } from "../errors.ts";
import { STATUS_TEXT_CHARACTERS_MAX } from "../limits.ts";
import { type Command, type JsonValue, RESPONSE_TYPES, type Response, type ResponseType, type Validated } from "../model.ts";
import type { ProfileSet } from "../profiles/profile.ts";
import { readValue, type Serialisation, serialise } from "../serialisation.ts";
import { ConsumerError } from "./errors.ts";
import { ID_CHARACTERS_MAX } from "./limits.ts";
import type { Delivery } from "./port.ts";

export interface ReplyTo {
  readonly dialect: Dialect;
  readonly serialisation: Serialisation;
  /** Of the message, or else of what carried it (HTTPS v1.1 §3.3.3). */
  readonly requestId?: string;
  readonly from?: string;
  /** Absent when the message could not be read so far. */
  readonly requested?: ResponseType;
}

export type Reading =
  | { readonly replyTo: ReplyTo; readonly command: Validated<Command>; readonly to?: readonly string[] }
  | { readonly replyTo: ReplyTo; readonly error: unknown };

/** Never throws for what a peer sent. */
export function readRequest({ bytes, serialisation, dialect: spoken, requestId }: Delivery, profiles: ProfileSet): Reading {
  let replyTo: ReplyTo = { dialect: spoken === "any" ? "D2" : spoken, serialisation, ...(isId(requestId) && { requestId }) };
  try {
    const value = readValue(bytes, serialisation);
    const dialect = spoken === "any" ? dialectOf(value) : spoken;
    replyTo = { ...replyTo, dialect, ...glean(value, dialect) };
    // Before it is read: an answer to an answer that is wrong could be answered in turn.
    if (isReply(value, dialect)) throw notARequest();
    const message = readMessage(value, { dialect, profiles });
    if (message.kind !== "request") throw notARequest();
    const { request_id, to } = message.headers;
    if (request_id !== undefined && !isId(request_id))
      throw new ConsumerError("ERR_CONSUMER_ID", `request_id has more than ${ID_CHARACTERS_MAX} characters`);
    return { replyTo: { ...replyTo, requested: replyTo.requested ?? "complete" }, command: message.command, ...(to && { to }) };
  } catch (error) {
    return { replyTo, error };
  }
}

interface Sending {
  readonly from: string;
  readonly nowMs: number;
  readonly profiles: ProfileSet;
}

/** The exact bytes of the answer. Throws OpenC2Error for a response that may not be sent. */
export function writeResponse(response: Response, { dialect, serialisation, requestId, from: to }: ReplyTo, sending: Sending): Uint8Array {
  const { from, nowMs: created, profiles } = sending;
  const headers = { ...(requestId !== undefined && { request_id: requestId }), created, from, ...(to !== undefined && { to: [to] }) };
  return serialise({ kind: "response", headers, response }, dialect, serialisation, { profiles });
}

/** What a status_text may say of an error: its code, where, why and by which clause; of a fault of ours, no more than its code. */
export function statusText(error: EdictError): string {
  const clause = error instanceof OpenC2Error && error.clause !== undefined ? ` (${error.clause})` : "";
  return `${error.code} ${error.message}${clause}`.slice(0, STATUS_TEXT_CHARACTERS_MAX).toWellFormed();
}

/** Also of a message that is not what it should be: enough to answer it, or to know that nothing may be said. */
function glean(message: JsonValue, dialect: Dialect): Pick<ReplyTo, "requestId" | "from" | "requested"> {
  const requestId = at(message, "headers", "request_id");
  const from = at(message, "headers", "from");
  const command = dialect === "D1" ? message : at(message, "body", "openc2", "request");
  const requested = RESPONSE_TYPES.find((type) => type === at(command, "args", "response_requested"));
  return { ...(isId(requestId) && { requestId }), ...(isId(from) && { from }), ...(requested && { requested }) };
}

function isReply(message: JsonValue, dialect: Dialect): boolean {
  if (dialect === "D1") return at(message, "status") !== undefined && at(message, "action") === undefined;
  return ["response", "notification"].some((kind) => at(message, "body", "openc2", kind) !== undefined);
}

function notARequest(): ConsumerError {
  return new ConsumerError("ERR_CONSUMER_NOT_A_REQUEST", "a consumer takes requests");
}

function at(value: JsonValue | undefined, ...names: readonly string[]): JsonValue | undefined {
  let member = value;
  for (const name of names) member = isObject(member) ? member[name] : undefined;
  return member;
}

/** What is repeated in an answer must leave room for the rest of it, and be valid there. */
function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= ID_CHARACTERS_MAX && value.isWellFormed();
}
