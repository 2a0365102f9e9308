/** Reads the members of one JSON object and says which one is wrong. Pure. */
import type { JsonObject, JsonValue } from "../openc2/index.ts";
import { TrustError, type TrustErrorCode } from "./errors.ts";

export class Reader {
  readonly #value: JsonObject;
  readonly #what: string;
  readonly #code: TrustErrorCode;

  /** Throws `code` when the value is no object, and whenever a member is not what is asked for. */
  constructor(value: JsonValue | undefined, what: string, code: TrustErrorCode) {
    this.#what = what;
    this.#code = code;
    if (!isObject(value)) throw new TrustError(code, `the ${what} is not an object`);
    this.#value = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#value, name);
  }

  /** No members but these. */
  only(names: readonly string[]): void {
    const other = Object.keys(this.#value).find((name) => !names.includes(name));
    if (other !== undefined) this.#refuse(other, "known here");
  }

  text(name: string): string {
    const value = this.#member(name);
    return typeof value === "string" ? value : this.#refuse(name, "a text");
  }

  /** A text that says something. */
  name(name: string): string {
    return this.text(name) === "" ? this.#refuse(name, "a name") : this.text(name);
  }

  number(name: string): number {
    const value = this.#member(name);
    return typeof value === "number" && value >= 0 ? value : this.#refuse(name, "a number from 0");
  }

  /** A whole number from 1: versions, thresholds. */
  count(name: string): number {
    const value = this.#member(name);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : this.#refuse(name, "a whole number from 1");
  }

  texts(name: string): readonly string[] {
    const value = this.#member(name);
    const isTexts = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isTexts ? (value as string[]) : this.#refuse(name, "a list of texts");
  }

  list(name: string): readonly JsonValue[] {
    const value = this.#member(name);
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  object(name: string): JsonObject {
    const value = this.#member(name);
    return isObject(value) ? value : this.#refuse(name, "an object");
  }

  reader(name: string): Reader {
    return new Reader(this.object(name), `${name} of the ${this.#what}`, this.#code);
  }

  #member(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }

  #refuse(name: string, wanted: string): never {
    throw new TrustError(this.#code, `${name} of the ${this.#what} is not ${wanted}`);
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== undefined && value !== null && typeof value === "object" && !Array.isArray(value);
}
