/**
 * `npm run fuzz`: mutated messages at every reader, for a while. Exit 0 when nothing broke; with --canary, when the deliberate bug was found.
 */
import { Option } from "commander";
import { positive, program, whole } from "../program.ts";
import { type Finding, fuzz, whyBroken } from "./fuzz.ts";
import { inputAt } from "./mutate.ts";
import type { Target } from "./target.ts";
import { canary, targets } from "./targets.ts";

/** Inputs between two looks at the clock. */
const SLICE = 2_000;
const PROGRESS_MS = 10_000;
/** MiB that the heap may grow after everything has run once: more means that something is kept. */
const GROWTH_MAX_MIB = 64;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly target?: string;
  readonly number?: number;
  readonly canary: boolean;
}

const all = [...targets(), canary()];
const options = program("fuzz", "Mutated messages at every reader of bytes, for a while.")
  .option("--minutes <count>", "how long", positive, 10)
  .addOption(
    new Option("--seed <number>", "same seed, same inputs").argParser(whole(0)).default(Date.now() % 1_000_000_000, "of the moment"),
  )
  .addOption(new Option("--target <name>", "this reader only (default: all)").choices(all.map(({ name }) => name)))
  .option("--number <number>", "with --target and --seed: this input again", whole(0))
  .option("--canary", "switch a deliberate bug on, which has to be found", false)
  .parse()
  .opts<Options>();
const { seed } = options;
const chosen = options.canary
  ? [canary()]
  : all.filter(({ name }) => (options.target === undefined ? name !== "canary" : name === options.target));

const finding = options.number === undefined ? run(chosen, options.minutes * 60_000) : replay(chosen, options.number);
if (finding !== undefined) report(finding);
process.exitCode = (finding !== undefined) === options.canary ? 0 : 1;

function run(chosen: readonly Target[], lengthMs: number): Finding | undefined {
  const startedMs = performance.now();
  let shownMs = startedMs;
  let heapMib = Number.NaN;
  for (let from = 0; performance.now() - startedMs < lengthMs; from += SLICE) {
    for (const target of chosen) {
      const found = fuzz(target, seed, from, from + SLICE);
      if (found !== undefined) return found;
    }
    if (performance.now() - shownMs < PROGRESS_MS && from > 0) continue;
    shownMs = performance.now();
    Bun.gc(true);
    const mib = process.memoryUsage().heapUsed / 2 ** 20;
    if (from === 0) heapMib = mib;
    console.log(
      `${Math.round((shownMs - startedMs) / 1_000)} s: ${(from + SLICE) * chosen.length} inputs at ${chosen.length} targets, seed ${seed}, heap ${Math.round(mib)} MiB`,
    );
    if (mib > heapMib + GROWTH_MAX_MIB) throw new Error(`the heap grew from ${Math.round(heapMib)} to ${Math.round(mib)} MiB`);
  }
  return undefined;
}

function replay([target]: readonly Target[], number: number): Finding | undefined {
  if (target === undefined) return undefined;
  const input = inputAt(target.corpus, seed, number);
  const why = whyBroken(target, input);
  return why === undefined ? undefined : { target: target.name, seed, number, input, why };
}

function report({ target, number, input, why }: Finding): void {
  console.log(`FOUND at ${target}: ${why}`);
  console.log(`input (${input.length} bytes): ${JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 2_000))}`);
  console.log(`again: npm run fuzz -- --target ${target} --seed ${seed} --number ${number}`);
}
