/** Runs targets on mutated inputs and gives what broke. Deterministic but for the time limit: an input is a seed and a number. */
import { inputAt } from "./mutate.ts";
import type { Target } from "./target.ts";

/** Abuse case 14: no text holds an event loop for longer. */
const INPUT_MAX_MS = 50;
/** A slow input is run again this often and its CPU time taken: neither a busy machine nor a collection of garbage is a finding. */
const SLOW_RETRIES = 3;

export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly number: number;
  readonly input: Uint8Array;
  readonly why: string;
}

/** Runs the inputs of these numbers. Stops at the first finding. */
export function fuzz(target: Target, seed: number, from: number, until: number): Finding | undefined {
  for (let number = from; number < until; number += 1) {
    const input = inputAt(target.corpus, seed, number);
    const why = whyBroken(target, input);
    if (why !== undefined) return { target: target.name, seed, number, input, why };
  }
  return undefined;
}

/** Undefined when all is well. */
export function whyBroken({ run }: Target, input: Uint8Array): string | undefined {
  try {
    const startedMs = performance.now();
    run(input);
    if (performance.now() - startedMs <= INPUT_MAX_MS) return undefined;
    const fastestMs = Math.min(...Array.from({ length: SLOW_RETRIES }, () => cpuMs(run, input)));
    return fastestMs > INPUT_MAX_MS ? `it takes ${Math.round(fastestMs)} ms` : undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function cpuMs(run: (bytes: Uint8Array) => void, input: Uint8Array): number {
  const before = process.cpuUsage();
  run(input);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
