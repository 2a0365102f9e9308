/**
 * Our own vectors as cases, for any runtime: what is read, what is refused with which code and where, and that whatever is read can be
 * written in every dialect and comes back the same. Uses nothing but the language; the files come from who runs it.
 */
import {
  type Dialect,
  DIALECTS,
  encodeMessage,
  type JsonValue,
  type Mendable,
  OpenC2Error,
  parseCommand,
  parseMessage,
  parseResponse,
  PROFILES,
  type ReadMessage,
} from "../../src/openc2/index.ts";

export interface Case {
  readonly file: string;
  readonly name: string;
  /** Throws when it is not as the vector says. */
  readonly run: () => void;
}

interface Vector {
  readonly name: string;
  readonly code?: string;
  readonly path?: string;
}
interface ValueVector extends Vector {
  readonly value: JsonValue;
}
interface MessageVector extends ValueVector {
  readonly dialect: Dialect;
  readonly tolerate?: readonly Mendable[];
  readonly tolerances?: readonly string[];
}
interface TextVector extends Vector {
  readonly text: readonly (string | readonly [piece: string, times: number])[];
  readonly line?: number;
  readonly column?: number;
}

const encoder = new TextEncoder();
const bytesOf = (value: JsonValue) => encoder.encode(JSON.stringify(value));

/** `read` gives the text of a file of vectors/openc2. */
export function vectorCases(read: (file: string) => string): readonly Case[] {
  const vectors = <T extends Vector>(file: string) => (JSON.parse(read(file)) as { vectors: readonly T[] }).vectors;
  const bare = ["", ...[...PROFILES.keys()].map((nsid) => `${nsid}-`)].flatMap((prefix) => [
    ...vectors<ValueVector>(`${prefix}commands.json`).flatMap((vector) => bareCases(`${prefix}commands.json`, vector, parseCommand)),
    ...vectors<ValueVector>(`${prefix}responses.json`).flatMap((vector) => bareCases(`${prefix}responses.json`, vector, parseResponse)),
  ]);
  const messages = vectors<MessageVector>("messages.json").flatMap(messageCases);
  return [...bare, ...messages, ...vectors<TextVector>("texts.json").map(textCase)];
}

function bareCases(file: string, { name, value, code, path }: ValueVector, parse: (bytes: Uint8Array) => unknown): readonly Case[] {
  const one = {
    file,
    name,
    run: () =>
      same(
        outcome(() => parse(bytesOf(value)), "path"),
        code === undefined ? "read" : { code, path },
      ),
  };
  return code === undefined ? [one, ...roundTrips(file, name, () => parseMessage(bytesOf(value), { dialect: "D1" }))] : [one];
}

function messageCases({ name, value, dialect, tolerate = [], tolerances = [], code, path }: MessageVector): readonly Case[] {
  const file = "messages.json";
  const read = (spoken: Dialect | "any" = dialect) => parseMessage(bytesOf(value), { tolerate, dialect: spoken });
  if (code !== undefined) return [{ file, name, run: () => same(outcome(read, "path"), { code, path }) }];
  return [
    { file, name, run: () => same(read().tolerances, tolerances) },
    { file, name: `${name}, its dialect found out`, run: () => same(model(read("any")), model(read())) },
    ...roundTrips(file, name, read),
  ];
}

function textCase({ name, text, code, line, column }: TextVector): Case {
  const bytes = encoder.encode(text.map((piece) => (typeof piece === "string" ? piece : piece[0].repeat(piece[1]))).join(""));
  const expected = code === undefined ? "read" : { code, line, column };
  return {
    file: "texts.json",
    name,
    run: () =>
      same(
        outcome(() => parseCommand(bytes), "line", "column"),
        expected,
      ),
  };
}

/** Through every dialect and back. What is sent is stricter than what is read, so that some messages that are read cannot be sent. */
function roundTrips(file: string, name: string, read: () => ReadMessage): readonly Case[] {
  return DIALECTS.map((dialect) => ({
    file,
    name: `${name}, through ${dialect}`,
    run: () => {
      const message = read();
      const reason = whyNotSent(message, dialect);
      if (reason !== undefined)
        return same(
          outcome(() => encodeMessage(message, dialect)),
          { code: reason },
        );
      const again = parseMessage(encodeMessage(message, dialect), { dialect });
      same(again.tolerances, []);
      return same(model(again), model(parseMessage(encodeMessage(message))));
    },
  }));
}

function whyNotSent(message: ReadMessage, dialect: Dialect): string | undefined {
  if (message.kind === "response") return undefined;
  const [specifiers = {}] = Object.values(message.command.actuator ?? {});
  if (dialect === "D3" && Object.keys(specifiers ?? {}).length > 0) return "ERR_OPENC2_VALUE";
  if (message.tolerances.includes("args-without-core-element")) return "ERR_OPENC2_MISSING";
  return message.tolerances.includes("features-repeated") ? "ERR_OPENC2_VALUE" : undefined;
}

function outcome(act: () => unknown, ...facts: readonly ("path" | "line" | "column")[]): unknown {
  try {
    act();
    return "read";
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    return { code: error.code, ...Object.fromEntries(facts.map((fact) => [fact, error[fact]])) };
  }
}

/** What it says, whatever the dialect: D1 has no headers, and neither objects nor lists of OpenC2 have an order. */
function model(message: ReadMessage): JsonValue {
  return sorted(JSON.parse(JSON.stringify(message.kind === "request" ? message.command : message.response)));
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, member]) => [name, sorted(member)]),
  );
}

function same(actual: unknown, expected: unknown): void {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== wanted) throw new Error(`${is} instead of ${wanted}`);
}
