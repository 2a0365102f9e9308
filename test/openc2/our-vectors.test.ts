/** Our own vectors, language-neutral: what good and bad commands and responses are, clause by clause. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonValue, OpenC2Error, parseCommand, parseResponse, PROFILES } from "../../src/openc2/index.ts";

interface Vector {
  readonly name: string;
  readonly clause: string;
  readonly value: JsonValue;
  readonly code?: string;
  readonly path?: string;
}

const FILES = ["", ...[...PROFILES.keys()].map((nsid) => `${nsid}-`)].flatMap((prefix) => [
  [`${prefix}commands`, parseCommand] as const,
  [`${prefix}responses`, parseResponse] as const,
]);
const folder = join(import.meta.dir, "../../vectors/openc2");

function outcome(parse: (bytes: Uint8Array) => unknown, value: JsonValue): { code?: string; path?: string | undefined } {
  try {
    parse(new TextEncoder().encode(JSON.stringify(value)));
    return {};
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    return { code: error.code, path: error.path };
  }
}

for (const [file, parse] of FILES) {
  const { vectors } = JSON.parse(readFileSync(join(folder, `${file}.json`), "utf8")) as { vectors: readonly Vector[] };
  describe(`vectors/openc2/${file}.json`, () => {
    test.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_, { value, code, path }) => {
      expect(outcome(parse, value)).toEqual(code === undefined ? {} : { code, path });
    });
  });
}
