/** What is wrong with an OpenC2 text, and exactly where. */
import { EdictError, type ErrorFacts, type ErrorTable } from "./edict-error.ts";

export type OpenC2ErrorCode =
  | "ERR_OPENC2_JSON_SIZE"
  | "ERR_OPENC2_JSON_ENCODING"
  | "ERR_OPENC2_JSON_SYNTAX"
  | "ERR_OPENC2_JSON_DUPLICATE"
  | "ERR_OPENC2_JSON_NAME"
  | "ERR_OPENC2_JSON_SURROGATE"
  | "ERR_OPENC2_JSON_NUMBER"
  | "ERR_OPENC2_JSON_DEPTH"
  | "ERR_OPENC2_JSON_MEMBERS"
  | "ERR_OPENC2_CBOR_SIZE"
  | "ERR_OPENC2_CBOR_SYNTAX"
  | "ERR_OPENC2_CBOR_ENCODING"
  | "ERR_OPENC2_CBOR_DUPLICATE"
  | "ERR_OPENC2_CBOR_NAME"
  | "ERR_OPENC2_CBOR_DEPTH"
  | "ERR_OPENC2_CBOR_MEMBERS"
  | "ERR_OPENC2_CBOR_BINARY"
  | "ERR_OPENC2_TYPE"
  | "ERR_OPENC2_MISSING"
  | "ERR_OPENC2_UNKNOWN"
  | "ERR_OPENC2_VALUE"
  | "ERR_OPENC2_EMPTY"
  | "ERR_OPENC2_CHOICE"
  | "ERR_OPENC2_TIMES"
  | "ERR_OPENC2_FEATURES_ARGS"
  | "ERR_OPENC2_ACTION"
  | "ERR_OPENC2_UNSUPPORTED"
  | "ERR_OPENC2_ENVELOPE"
  | "ERR_OPENC2_UNSAFE"
  | "ERR_OPENC2_IMPORT";

const bad = (help: string): ErrorFacts => ({ actor: "producer", retry: false, status: 400, help });

export const OPENC2_ERRORS: ErrorTable<OpenC2ErrorCode> = {
  ERR_OPENC2_JSON_SIZE: bad("Send a shorter text."),
  ERR_OPENC2_JSON_ENCODING: bad("Encode the text as UTF-8 without a byte order mark (RFC 7493 §2.1)."),
  ERR_OPENC2_JSON_SYNTAX: bad("Mend the JSON at the place given (RFC 8259)."),
  ERR_OPENC2_JSON_DUPLICATE: bad("Give each member of an object its own name (RFC 7493 §2.3)."),
  ERR_OPENC2_JSON_NAME: bad("Do not name a member __proto__."),
  ERR_OPENC2_JSON_SURROGATE: bad("Pair the surrogates or leave them out (RFC 7493 §2.1)."),
  ERR_OPENC2_JSON_NUMBER: bad("Use numbers that a double can hold (RFC 7493 §2.2)."),
  ERR_OPENC2_JSON_DEPTH: bad("Nest fewer containers."),
  ERR_OPENC2_JSON_MEMBERS: bad("Send fewer members or items."),
  ERR_OPENC2_CBOR_SIZE: bad("Send a shorter message."),
  ERR_OPENC2_CBOR_SYNTAX: bad("Encode with definite lengths and the shortest integers; no tags, no undefined, no NaN (RFC 8949 §4.2.1)."),
  ERR_OPENC2_CBOR_ENCODING: bad("Encode text strings as UTF-8 (RFC 8949 §3.1)."),
  ERR_OPENC2_CBOR_DUPLICATE: bad("Give each member of a map its own name (RFC 8949 §5.6)."),
  ERR_OPENC2_CBOR_NAME: bad("Do not name a member __proto__."),
  ERR_OPENC2_CBOR_DEPTH: bad("Nest fewer containers."),
  ERR_OPENC2_CBOR_MEMBERS: bad("Send fewer members or items."),
  ERR_OPENC2_CBOR_BINARY: bad("Give bytes only where the language says Binary, and as many as it says (JADN v1.0 §4.4)."),
  ERR_OPENC2_TYPE: bad("Give the member the type that the language specification says."),
  ERR_OPENC2_MISSING: bad("Add the member."),
  ERR_OPENC2_UNKNOWN: bad("Leave the member out: the type is closed."),
  ERR_OPENC2_VALUE: bad("Give the member a value that the language specification allows."),
  ERR_OPENC2_EMPTY: bad("Give it at least one member, or leave it out."),
  ERR_OPENC2_CHOICE: bad("Give exactly one member."),
  ERR_OPENC2_TIMES: bad("Give at most two of start_time, stop_time and duration (LS 1.0 §3.3.1.4)."),
  ERR_OPENC2_FEATURES_ARGS: bad("`query features` takes no argument but response_requested complete (LS 1.0 §4.1)."),
  ERR_OPENC2_ACTION: bad("Use one of the 20 actions of LS 1.0; they cannot be extended (§3.1.4)."),
  ERR_OPENC2_UNSUPPORTED: { actor: "producer", retry: false, status: 501, help: "Ask `query features` what is supported." },
  ERR_OPENC2_ENVELOPE: bad("Send one request or response in the envelope of HTTPS v1.1 §3.3.2."),
  ERR_OPENC2_UNSAFE: bad(
    "A command to many devices says response_requested, command_id and what its profile asks, such as not_after, itself.",
  ),
  ERR_OPENC2_IMPORT: bad("Mend the old text at the place given, or write the command as OpenC2 1.0."),
};

/** Where in a text: 1-based line and column (in characters), 0-based offset (in UTF-16 code units). */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

export interface Whereabouts {
  /** JSON path, e.g. `$.args.start_time`. */
  readonly path?: string | undefined;
  readonly place?: Place;
  /** Where in a binary message, which has no lines: 0-based, in bytes. */
  readonly offset?: number;
  /** The clause that it breaks, e.g. `LS 1.0 §3.3.1.4`. */
  readonly clause?: string | undefined;
  readonly cause?: unknown;
  /** What else is wrong with the same message. */
  readonly others?: readonly OpenC2Error[];
}

export class OpenC2Error extends EdictError<OpenC2ErrorCode> {
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly offset: number | undefined;
  readonly clause: string | undefined;
  readonly #others: readonly OpenC2Error[];

  constructor(code: OpenC2ErrorCode, message: string, { path, place, offset, clause, cause, others = [] }: Whereabouts = {}) {
    super(code, OPENC2_ERRORS[code], message, { cause });
    this.path = path;
    this.line = place?.line;
    this.column = place?.column;
    this.offset = place?.offset ?? offset;
    this.clause = clause;
    this.#others = others;
  }

  /** The same error and its others, each at the place that the function gives for its path. */
  moved(placeOf: (path: string) => string): OpenC2Error {
    const { code, path = "$", clause } = this;
    const others = this.#others.map((other) => other.moved(placeOf));
    return new OpenC2Error(
      code,
      this.message.replace(path, () => placeOf(path)),
      { path: placeOf(path), clause, others },
    );
  }

  /** Everything that is wrong, this error first, at most FAULTS_MAX. Text that is no JSON has one fault: behind it nothing is certain. */
  get all(): readonly OpenC2Error[] {
    return [this, ...this.#others];
  }
}
