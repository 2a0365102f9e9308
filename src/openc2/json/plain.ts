/**
 * The quick way through text that is surely fine, which nearly all is: the runtime's own JSON.parse, and then proof that it hid nothing.
 * It says yes or nothing. Whatever gets no yes goes to the strict reader, which alone decides and alone makes errors. Pure.
 *
 * What JSON.parse hides, and why it is not hidden here:
 * - half surrogate pairs need an escape, and text with a backslash gets no yes (raw ones are no UTF-8, and were refused before);
 * - the first of two members of one name takes its quotes along: without escapes, quotes are twice the names and strings that are left;
 * - `__proto__` is looked for; numbers beyond doubles, depth and members are seen in the copy, which has no prototype.
 */
import type { JsonObject, JsonValue } from "../model.ts";
import type { TextLimits } from "./strict.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Freezing a list costs more than reading it, and `features` is mostly this one. */
const EMPTY: readonly JsonValue[] = Object.freeze([]);

/** The value, or undefined for text that may not be fine. `text` is what `bytes` decode to. What is dropped at once need not be frozen. */
export function readPlain(bytes: Uint8Array, text: string, limits: TextLimits, isFrozen = true): JsonValue | undefined {
  if (limits.duplicateNames === "last") return undefined;
  const quotes = countQuotes(bytes);
  if (quotes === undefined || text.includes("__proto__")) return undefined;
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const copier = new Copier(limits, isFrozen);
  const copy = copier.copy(parsed, 0);
  return copier.isFine && copier.strings * 2 === quotes ? copy : undefined;
}

/** Undefined when there is an escape. In UTF-8 these two bytes are nothing but themselves. */
function countQuotes(bytes: Uint8Array): number | undefined {
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) count += 1;
    else if (byte === BACKSLASH) return undefined;
  }
  return count;
}

/** Copies into objects without a prototype, frozen all the way down or not at all, and counts. */
class Copier {
  /** Names of members and strings so far. */
  strings = 0;
  isFine = true;
  readonly #depthMax: number;
  readonly #membersMax: number;
  readonly #isFrozen: boolean;

  constructor({ depthMax, membersMax }: TextLimits, isFrozen: boolean) {
    this.#depthMax = depthMax;
    this.#membersMax = membersMax;
    this.#isFrozen = isFrozen;
  }

  copy(value: JsonValue, depth: number): JsonValue {
    if (typeof value === "string") this.strings += 1;
    else if (typeof value === "number") this.isFine &&= Number.isFinite(value);
    else if (typeof value === "object" && value !== null) return this.#container(value, depth + 1);
    return value;
  }

  #container(value: readonly JsonValue[] | JsonObject, depth: number): JsonValue {
    // Going on would do no harm but to the stack.
    if (depth > this.#depthMax) this.isFine = false;
    if (!this.isFine) return null;
    return Array.isArray(value) ? this.#list(value, depth) : this.#map(value as JsonObject, depth);
  }

  #list(list: readonly JsonValue[], depth: number): JsonValue {
    if (list.length === 0) return EMPTY;
    if (list.length > this.#membersMax) this.isFine = false;
    return this.#finished(list.map((item) => this.copy(item, depth)));
  }

  #map(map: JsonObject, depth: number): JsonValue {
    const members = Object.create(null) as { [name: string]: JsonValue };
    let count = 0;
    for (const name in map) {
      count += 1;
      members[name] = this.copy(map[name] ?? null, depth);
    }
    this.strings += count;
    if (count > this.#membersMax) this.isFine = false;
    return this.#finished(members);
  }

  #finished<T extends object>(container: T): T {
    return this.#isFrozen ? Object.freeze(container) : container;
  }
}
