/** Inputs to start from: our own vectors, good and bad, in the form that each reader takes, and the text of 2018. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeCbor, type JsonValue } from "../../src/openc2/index.ts";
import { attempt } from "./target.ts";

const root = join(import.meta.dir, "../..");
const encoder = new TextEncoder();

interface Vector {
  readonly value?: JsonValue;
  readonly text?: readonly (string | readonly [piece: string, times: number])[];
}

function vectors(): readonly Vector[] {
  const folder = join(root, "vectors/openc2");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.flatMap((name) => (JSON.parse(readFileSync(join(folder, name), "utf8")) as { vectors: readonly Vector[] }).vectors);
}

function textOf({ value, text }: Vector): string {
  if (text === undefined) return JSON.stringify(value);
  return text.map((piece) => (typeof piece === "string" ? piece : piece[0].repeat(piece[1]))).join("");
}

/** Bare commands and responses, and each in an envelope as well. */
export function jsonCorpus(): readonly Uint8Array[] {
  const texts = vectors().map(textOf);
  const enveloped = texts.flatMap((text) =>
    /^\{"(?:action|target)"/.test(text) ? [`{"headers":{"request_id":"r","to":["a"]},"body":{"openc2":{"request":${text}}}}`] : [],
  );
  return [...texts, ...enveloped].map((text) => encoder.encode(text));
}

export function cborCorpus(): readonly Uint8Array[] {
  return vectors().flatMap(({ value }) => (value === undefined ? [] : (attempt(() => encodeCbor(value)) ?? [])));
}

export function oldCorpus(): readonly Uint8Array[] {
  return [readFileSync(join(root, "examples/use-case-18.json.txt")), ...jsonCorpus().slice(0, 100)];
}
