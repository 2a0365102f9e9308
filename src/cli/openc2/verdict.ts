/** What is to be said of one message in a file: read it as a peer would, and gather everything that is wrong, each with its place. */
import {
  type Dialect,
  dialectOf,
  type JsonValue,
  MENDABLE,
  OpenC2Error,
  type ReadMessage,
  readMessage,
  readValue,
  type Serialisation,
  serialisationOf,
  type Tolerance,
} from "../../openc2/index.ts";
import { import2018 } from "../../openc2/import-2018/index.ts";
import { locate } from "../../openc2/json/locate.ts";

export interface Judging {
  readonly dialect: Dialect | "any";
  /** "any": profiles that this build does not know pass unseen. */
  readonly profiles: "known" | "any";
  /** Also put up with what implementations in the field get wrong. */
  readonly tolerate: boolean;
}

export interface Verdict {
  readonly valid: boolean;
  readonly serialisation: Serialisation;
  /** Absent when the bytes could not be read so far. */
  readonly dialect?: Dialect;
  readonly message?: ReadMessage;
  readonly tolerances: readonly Tolerance[];
  readonly signed: boolean;
  readonly faults: readonly Fault[];
}

export interface Fault {
  readonly code: string;
  readonly status: number;
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** In CBOR, in bytes. */
  readonly offset: number | undefined;
  readonly clause: string | undefined;
  readonly message: string;
  readonly help: string;
}

export function judge(bytes: Uint8Array, { dialect, profiles, tolerate }: Judging): Verdict {
  const serialisation = serialisationOf(bytes);
  const seen = { valid: false, serialisation, tolerances: [], signed: false };
  let value: JsonValue;
  try {
    value = readValue(bytes, serialisation);
  } catch (error) {
    return { ...seen, faults: faultsOf(error) };
  }
  const known = { ...seen, dialect: dialect === "any" ? dialectOf(value) : dialect, signed: hasSignature(value) };
  try {
    const message = readMessage(value, { dialect: known.dialect, profiles, ...(tolerate && { tolerate: MENDABLE }) });
    return { ...known, valid: true, message, tolerances: message.tolerances, faults: [] };
  } catch (error) {
    const text = serialisation === "json" ? new TextDecoder().decode(bytes) : undefined;
    return { ...known, faults: faultsOf(error, text) };
  }
}

/** Whether `edict import` can make OpenC2 1.0 of it. */
export function isFrom2018(bytes: Uint8Array): boolean {
  try {
    return import2018(new TextDecoder().decode(bytes)).changes.length > 0;
  } catch (error) {
    if (error instanceof OpenC2Error) return false;
    throw error;
  }
}

/** `text` is what the paths lead into. */
function faultsOf(error: unknown, text?: string): readonly Fault[] {
  if (!(error instanceof OpenC2Error)) throw error;
  return error.all.map(({ code, facts, path, line, column, offset, clause, message }) => {
    const place = text === undefined || path === undefined ? { line, column } : locate(text, path);
    const why = path === undefined ? message : message.replace(`${path}: `, "");
    // In a text, line and column say it better.
    const at = { path, line: place.line, column: place.column, offset: place.line === undefined ? offset : undefined };
    return { code, status: facts.status, ...at, clause, message: why, help: facts.help };
  });
}

function hasSignature(value: JsonValue): boolean {
  return value !== null && typeof value === "object" && "signature" in value;
}
