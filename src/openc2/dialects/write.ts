/** Messages of any dialect, written from the one model. Strict: canonical, members in one order, nothing that a strict reader would refuse. Pure. */
import { canonical } from "../canonical.ts";
import { checkProduced } from "../command.ts";
import type { ReadOptions } from "../extensions.ts";
import { readEncoded } from "../json/read.ts";
import type { Command, Headers, JsonObject, Message, Response } from "../model.ts";
import type { Dialect } from "./dialect.ts";
import { toDraftRequest } from "./draft.ts";
import { toDraftResponse } from "./draft-pairs.ts";
import { REQUEST_PATH } from "./envelope.ts";
import { commandInOrder, headersInOrder, responseInOrder } from "./order.ts";
import { readMessage } from "./read.ts";

const encoder = new TextEncoder();

/** The exact bytes. Throws OpenC2Error rather than emit what a strict reader would refuse. */
export function encodeMessage(message: Message, dialect: Dialect = "D2", options: ReadOptions = {}): Uint8Array {
  const text = JSON.stringify(writeMessage(message, dialect));
  const bytes = encoder.encode(text);
  // What goes out is what a strict reader has read: the very text, not the object that it was made from.
  const read = readMessage(readEncoded(bytes, text), { ...options, dialect });
  if (read.kind === "request") checkProduced(read.command, dialect === "D1" ? "$" : REQUEST_PATH);
  return bytes;
}

export function encodeRequest(headers: Headers, command: Command, dialect?: Dialect): Uint8Array {
  return encodeMessage({ kind: "request", headers, command }, dialect);
}

export function encodeResponse(headers: Headers, response: Response, dialect?: Dialect): Uint8Array {
  return encodeMessage({ kind: "response", headers, response }, dialect);
}

/** What a serialisation makes bytes of. It is not checked here: whoever writes the bytes reads them again. D1 has no place for headers. */
export function writeMessage(message: Message, dialect: Dialect): JsonObject {
  const content = contentOf(message, dialect);
  if (dialect === "D1") return content;
  const headers = headersInOrder(message.headers);
  const hasHeaders = Object.values(headers).some((value) => value !== undefined);
  return { ...(hasHeaders && { headers }), body: { openc2: { [message.kind]: content } } };
}

function contentOf(message: Message, dialect: Dialect): JsonObject {
  if (message.kind === "request") {
    const command = canonical(commandInOrder(message.command)) as JsonObject;
    return dialect === "D3" ? toDraftRequest(command, message.comment) : command;
  }
  const response = canonical(responseInOrder(message.response)) as JsonObject;
  return dialect === "D3" ? toDraftResponse(response) : response;
}
