/** Makes bad inputs from good ones, each from a seed and a number alone, so that any of them can be made again. */
import { type Random, seededRandom } from "../story/random.ts";

/** Pieces that readers of JSON and OpenC2 stumble over. */
const PIECES = [
  [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\\u0061",
    "\ufeff",
    "\u0000",
    "\u2028",
    "\u{1f600}",
    "\u202e",
  ],
  ["1e999", "-0", "1E-400", "9007199254740993", "0x1", "01", "null", "true", "{}", "[]", '""', '{"":{}}', "[".repeat(17)],
  ['"__proto__":1,', '"constructor":{},', '"a":1,"a":2,', '"profile":"slpf",', '"actuator":{"slpf":{}},', '"args":{"comment":"a"},'],
  [
    '"response_requested":"none",',
    '"start_time":1,"stop_time":2,"duration":1,',
    '"x-swup":{},',
    '"slpf":{},',
    '"x-other:thing"',
    '"to":"a",',
  ],
  ["2001:DB8::1", "::ffff:1.2.3.4", "255.255.255.255/33", "00-1b-44-11-3a-b7", "abcdef", "x".repeat(300)],
];
const TOKENS = PIECES.flat().map((piece) => new TextEncoder().encode(piece));
const REPEATS_MAX = 400;
const CHANGES_MAX = 6;

/** The input of this number. */
export function inputAt(corpus: readonly Uint8Array[], seed: number, number: number): Uint8Array {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ number);
  const any = () => corpus[below(random, corpus.length)] ?? new Uint8Array();
  let input = any();
  const changes = 1 + below(random, CHANGES_MAX);
  for (let change = 0; change < changes; change += 1) input = mutate(input, any, random);
  return input;
}

function mutate(input: Uint8Array, any: () => Uint8Array, random: Random): Uint8Array {
  const at = below(random, input.length + 1);
  const end = Math.min(input.length, at + below(random, 40));
  const replaced = (piece: Uint8Array, until = at) => joined(input.subarray(0, at), piece, input.subarray(until));
  switch (below(random, 8)) {
    case 0:
      return replaced(Uint8Array.of(below(random, 256)), Math.min(input.length, at + 1));
    case 1:
      return replaced(new Uint8Array(), end);
    case 2:
      return replaced(input.subarray(at, end));
    case 3:
      return replaced(TOKENS[below(random, TOKENS.length)] ?? new Uint8Array());
    case 4:
      return replaced(TOKENS[below(random, TOKENS.length)] ?? new Uint8Array(), end);
    case 5:
      return replaceMember(input, random);
    case 6: {
      const other = any();
      return joined(input.subarray(0, at), other.subarray(below(random, other.length + 1)));
    }
    default:
      return replaced(repeated(input.subarray(at, end), below(random, REPEATS_MAX)));
  }
}

/** One name or string in quotes takes the place of another: still JSON, and often nearly OpenC2. */
function replaceMember(input: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(input).toString("latin1");
  const words = [...text.matchAll(/"[^"\\]*"/g)];
  const from = words[below(random, words.length)];
  const to = words[below(random, words.length)];
  if (from === undefined || to === undefined) return input;
  return Buffer.from(text.slice(0, from.index) + to[0] + text.slice(from.index + from[0].length), "latin1");
}

function repeated(piece: Uint8Array, times: number): Uint8Array {
  return joined(...Array.from({ length: times }, () => piece));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
