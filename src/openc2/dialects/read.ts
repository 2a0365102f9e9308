/**
 * Messages of any dialect, read into the one model. Tolerant where the texts allow it, and then `tolerances` says so; what
 * implementations get plainly wrong is mended only for a peer that is known to need it. Pure.
 */
import { commandCheck, validateCommand } from "../command.ts";
import { OpenC2Error } from "../errors.ts";
import { perProfiles, type ReadOptions } from "../extensions.ts";
import { runCheck } from "../faults.ts";
import { readJson } from "../json/read.ts";
import type { Command, JsonValue, Response, Validated } from "../model.ts";
import { responseCheck, validateResponse } from "../response.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { DRAFT_CHECKS, draftPath, fromDraftRequest } from "./draft.ts";
import { fromDraftResponse } from "./draft-pairs.ts";
import { type Content, contentOf, envelopeCheck, NO_HEADERS, REQUEST_PATH, RESPONSE_PATH } from "./envelope.ts";
import { mend } from "./mend.ts";
import { type Manner, type ReadMessage, ReadRequest, ReadResponse } from "./read-message.ts";
import type { Mendable } from "./tolerances.ts";
import { isObject } from "./values.ts";

export interface MessageOptions extends ReadOptions {
  /** D2 by default; "any" finds it out by looking. */
  readonly dialect?: Dialect | "any";
  /** What this peer is known to get wrong. Nothing by default, and never on a device's own channel. */
  readonly tolerate?: readonly Mendable[];
}

const NOTHING: readonly Mendable[] = [];

/** Throws OpenC2Error; paths are from the root of the text. */
export function parseMessage(bytes: Uint8Array, options: MessageOptions = {}): ReadMessage {
  return readMessage(readJson(bytes), options);
}

/** A message that the reader of some serialisation has made a value of. Throws OpenC2Error. */
export function readMessage(value: JsonValue, options: MessageOptions = {}): ReadMessage {
  const { dialect: spoken = "D2", tolerate = NOTHING } = options;
  if (tolerate.length === 0) return readAs(spoken === "any" ? dialectOf(value) : spoken, value, options, NOTHING);
  const mended = new Set<Mendable>();
  const message = mend(value, tolerate, mended);
  return readAs(spoken === "any" ? dialectOf(message) : spoken, message, options, [...mended]);
}

function readAs(dialect: Dialect, value: JsonValue, options: ReadOptions, mended: readonly Mendable[]): ReadMessage {
  const manner = { dialect, mended };
  switch (dialect) {
    case "D1":
      return readBare(value, options, manner);
    case "D2":
      runCheck(lsEnvelope(options), value, "$");
      return checked(contentOf(value), manner);
    case "D3":
      runCheck(draftEnvelope, value, "$");
      return readDraft(contentOf(value), options, manner);
  }
}

const lsEnvelope = perProfiles((options) => envelopeCheck(commandCheck(options), responseCheck(options)));
const draftEnvelope = envelopeCheck(DRAFT_CHECKS.request, DRAFT_CHECKS.response);

/** Which of the two it is, a bare text shows by the one member that only responses have. */
function readBare(value: JsonValue, options: ReadOptions, manner: Manner): ReadMessage {
  if (isObject(value) && "status" in value) return new ReadResponse(NO_HEADERS, validateResponse(value, options), manner);
  return new ReadRequest(NO_HEADERS, validateCommand(value, options), manner);
}

/** What the envelope's check has looked into already. */
function checked({ headers, kind, content }: Content, manner: Manner): ReadMessage {
  const value: unknown = content;
  if (kind === "request") return new ReadRequest(headers, value as Validated<Command>, manner);
  return new ReadResponse(headers, value as Validated<Response>, manner);
}

function readDraft({ headers, kind, content }: Content, options: ReadOptions, manner: Manner): ReadMessage {
  try {
    if (kind === "response") return new ReadResponse(headers, validateResponse(fromDraftResponse(content), options, RESPONSE_PATH), manner);
    const { request, comment } = fromDraftRequest(content);
    return new ReadRequest(headers, validateCommand(request, options, REQUEST_PATH), manner, comment);
  } catch (error) {
    if (error instanceof OpenC2Error) throw error.moved(draftPath);
    throw error;
  }
}
