/**
 * How a message that is refused comes to tell everything that is wrong with it. A check is first run without Faults: it stops at the
 * first fault and makes no paths, which is all that a good message costs. Only if that fails it is run again with Faults, which
 * keep what each part throws and let the rest go on. One set of checks, two ways of running them. Pure.
 */
import { OpenC2Error } from "./errors.ts";
import { FAULTS_MAX } from "./limits.ts";
import type { JsonValue } from "./model.ts";

/** Throws OpenC2Error when the value is not what it should be. With faults, a check hands them on to the checks of its parts. */
export type Check = (value: JsonValue, path: string, faults?: Faults) => void;

export class Faults {
  readonly #found: OpenC2Error[] = [];

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** Runs the check of a part. */
  run(check: Check, part: JsonValue, path: string): void {
    this.gather(() => check(part, path, this));
  }

  /** Does a part of a check and keeps what it throws, until there are enough. */
  gather(part: () => void): void {
    if (this.#found.length >= FAULTS_MAX) return;
    try {
      part();
    } catch (error) {
      if (!(error instanceof OpenC2Error)) throw error;
      this.#found.push(error);
    }
  }

  /** The first fault, which knows the others. */
  first(): OpenC2Error | undefined {
    const [first, ...others] = this.#found;
    return first && new OpenC2Error(first.code, first.message, { path: first.path, clause: first.clause, others });
  }
}

/** Throws OpenC2Error: the first fault, with all of them in `all`. */
export function runCheck(check: Check, value: JsonValue, path: string): void {
  try {
    check(value, path);
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    const faults = new Faults();
    faults.gather(() => check(value, path, faults));
    throw faults.first() ?? error;
  }
}

/** Does a part of a check: without faults it may end the whole, with them it does not. */
export function gather(faults: Faults | undefined, part: () => void): void {
  if (faults === undefined) part();
  else faults.gather(part);
}
