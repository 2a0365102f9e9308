/**
 * `npm run fuzz`: mutated messages at every reader, for a while. Exit 0 when nothing broke.
 * --minutes 10, --seed (default: of the moment), --target NAME (default: all), --number N (one input again), --canary (a deliberate
 * bug is switched on, and exit 0 means that it was found).
 */
import { parseArgs } from "node:util";
import { type Finding, fuzz, whyBroken } from "./fuzz.ts";
import { inputAt } from "./mutate.ts";
import type { Target } from "./target.ts";
import { canary, targets } from "./targets.ts";

/** Inputs between two looks at the clock. */
const SLICE = 2_000;
const PROGRESS_MS = 10_000;
/** MiB that the heap may grow after everything has run once: more means that something is kept. */
const GROWTH_MAX_MIB = 64;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    target: { type: "string" },
    number: { type: "string" },
    canary: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const all = [...targets(), canary()];
const chosen = values.canary
  ? [canary()]
  : all.filter(({ name }) => (values.target === undefined ? name !== "canary" : name === values.target));
if (chosen.length === 0) throw new Error(`there is no target ${values.target}: ${all.map(({ name }) => name).join(", ")}`);

const finding = values.number === undefined ? run(chosen, Number(values.minutes) * 60_000) : replay(chosen, Number(values.number));
if (finding !== undefined) report(finding);
process.exitCode = (finding !== undefined) === values.canary ? 0 : 1;

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
