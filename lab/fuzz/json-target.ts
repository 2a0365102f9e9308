/** The JSON reader against the strict half of itself: the same language, the same values, the same errors at the same place. */
import { type JsonValue, OpenC2Error, readJson } from "../../src/openc2/index.ts";
import { readStrict } from "../../src/openc2/json/strict.ts";
import { DEPTH_MAX, MEMBERS_MAX, TEXT_BYTES_MAX } from "../../src/openc2/limits.ts";
import { hold, type Target } from "./target.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const limits = { depthMax: DEPTH_MAX, membersMax: MEMBERS_MAX, duplicateNames: "refuse" } as const;

/** `read` is what is fuzzed; the canary puts a wrong one here. */
export function jsonTarget(corpus: readonly Uint8Array[], read: (bytes: Uint8Array) => JsonValue = readJson): Target {
  const run = (bytes: Uint8Array) => {
    const is = outcome(() => read(bytes));
    const text = decoded(bytes);
    hold(text !== undefined || is.startsWith("ERR_OPENC2_JSON_"), "what is no UTF-8 is refused");
    hold(bytes.length <= TEXT_BYTES_MAX || is.startsWith("ERR_OPENC2_JSON_SIZE"), "what is too long is refused");
    if (text === undefined || bytes.length > TEXT_BYTES_MAX || text.startsWith("\ufeff")) return;
    const wanted = outcome(() => readStrict(text, limits));
    hold(is === wanted, `the reader says ${is.slice(0, 200)}, strictly it is ${wanted.slice(0, 200)}`);
  };
  return { name: "json", corpus, run };
}

/** The bug of every reader that is built on JSON.parse alone: of two members of one name it keeps the last. */
export function readWithBug(bytes: Uint8Array): JsonValue {
  return readJson(bytes, { duplicateNames: "last" });
}

/** `undefined` and non-finite numbers cannot stand in JSON, so that text tells values apart, but for minus zero. */
function outcome(read: () => JsonValue): string {
  try {
    return JSON.stringify(read(), (_, value) => (Object.is(value, -0) ? "minus zero" : value));
  } catch (error) {
    if (error instanceof OpenC2Error) return `${error.code} at ${error.line}:${error.column}`;
    throw error;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
