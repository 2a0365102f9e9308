/** What is fuzzed: a reader of bytes with the invariants that must hold for any bytes at all. Adding one means naming it in targets.ts. */
import { OpenC2Error } from "../../src/openc2/index.ts";

export interface Target {
  readonly name: string;
  /** Inputs to start from, good and bad. */
  readonly corpus: readonly Uint8Array[];
  /** Throws when an invariant breaks. */
  readonly run: (bytes: Uint8Array) => void;
}

/** The outcome, or undefined when it is refused. Any error but the language's own is a finding. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof OpenC2Error) return undefined;
    throw error;
  }
}

export function hold(holds: boolean, invariant: string): void {
  if (!holds) throw new Error(`broken: ${invariant}`);
}
