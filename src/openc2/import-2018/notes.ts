/** What an import changes, in the order of the text, and what it refuses, with its place. Pure. */
import { OpenC2Error } from "../errors.ts";
import { runCheck } from "../faults.ts";
import { placeOf } from "../json/place.ts";
import type { JsonValue } from "../model.ts";
import type { Check } from "../shape.ts";
import { importError, type OldMember, plain } from "./old-text.ts";

export interface Change {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly was: string;
  /** Empty when it is left out. */
  readonly now: string;
  readonly why: string;
}

export class Notes {
  readonly #text: string;
  readonly #changes: { readonly offset: number; readonly change: Change }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  note(offset: number, was: string, now: string, why: string): void {
    const { line, column } = placeOf(this.#text, offset);
    this.#changes.push({ offset, change: { line, column, was, now, why } });
  }

  refuse(offset: number, message: string, cause?: unknown): never {
    throw importError(this.#text, offset, message, cause);
  }

  /** The member's value, after the check of what it is to become. */
  checked(member: OldMember, check: Check, value = plain(member.value)): JsonValue {
    try {
      runCheck(check, value, member.name);
    } catch (cause) {
      if (cause instanceof OpenC2Error) this.refuse(member.valueOffset, cause.message, cause);
      throw cause;
    }
    return value;
  }

  list(): readonly Change[] {
    return this.#changes.sort((a, b) => a.offset - b.offset).map(({ change }) => change);
  }
}
