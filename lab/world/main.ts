/**
 * `npm run sim`: simulated worlds. Each seed is one world with its own faults; a rule that breaks ends the run with status 1 and the way
 * to see it again.
 */
import { Option } from "commander";
import { program, whole } from "../program.ts";
import { accept } from "./acceptance.ts";
import { type BugName, BUGS, isFoundBy } from "./bugs.ts";
import { calm, settingsOf } from "./settings.ts";
import { type Trial, tryWorld } from "./trial.ts";

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly devices?: number;
  readonly trace: boolean;
  readonly canaryBug?: BugName;
  readonly acceptance: boolean;
  readonly json: boolean;
}

const PROGRESS_MS = 10_000;

const options = program("sim", "Campaigns in simulated worlds with faults; a broken rule is told with the seed that shows it again.")
  .option("--seeds <count>", "worlds, each with a seed of its own", whole(), 100)
  .option("--from <seed>", "the first of them", whole(0), 1)
  .option("--seed <seed>", "this world only, told at length", whole(0))
  .option("--devices <count>", "one calm world of so many; with --seed, its devices; with --acceptance, a million if not said", whole())
  .option("--trace", "with --seed: every event", false)
  .addOption(new Option("--canary-bug <name>", "plant this bug; a world has to find it").choices(Object.keys(BUGS)))
  .option("--acceptance", "what has to hold for a million devices", false)
  .option("--json", "print one JSON object", false)
  .parse()
  .opts<Options>();
const { canaryBug } = options;
const isOk = options.acceptance ? await acceptance() : canaryBug !== undefined ? await hunt(canaryBug) : await plain();
process.exitCode = isOk ? 0 : 1;

async function plain(): Promise<boolean> {
  if (options.seed !== undefined) return one(options.seed);
  if (options.devices !== undefined) return tell(await tryWorld(calm(options.from, options.devices)));
  const totals = { worlds: 0, devices: 0, events: 0, simulatedMs: 0, realMs: 0, violations: 0 };
  for (const seed of seeds()) {
    const trial = await tryWorld(settingsOf(seed));
    totals.worlds += 1;
    totals.devices += trial.devices;
    totals.events += trial.events;
    totals.simulatedMs += trial.simulatedMs;
    totals.realMs += trial.realMs;
    if (trial.ok) continue;
    totals.violations += 1;
    tell(trial);
  }
  const ratio = Math.round(totals.simulatedMs / totals.realMs);
  const ok = totals.violations === 0;
  if (options.json) console.log(JSON.stringify({ sim: "seeds", first: options.from, ...totals, ratio, ok }));
  else {
    const hours = Math.round(totals.simulatedMs / 3_600_000);
    console.log(
      `${totals.worlds} worlds, ${totals.devices} devices, ${totals.events} events, ${hours} hours in ${Math.round(totals.realMs / 1_000)} s:`,
    );
    console.log(`${totals.violations} violations; ${ratio} times as fast as real time`);
  }
  return ok;
}

async function one(seed: number): Promise<boolean> {
  const onLine = options.trace ? (line: string) => process.stdout.write(line) : undefined;
  return tell(await tryWorld(settingsOf(seed, options.devices), { onLine }));
}

/** Those asked for; people are told now and then how far it is. */
function* seeds(): Generator<number> {
  let toldMs = performance.now();
  for (let done = 0; done < options.seeds; done += 1) {
    if (!options.json && performance.now() - toldMs >= PROGRESS_MS) {
      console.error(`${done} of ${options.seeds} worlds ...`);
      toldMs = performance.now();
    }
    yield options.from + done;
  }
}

/** The planted bug has to be found, by a rule that is there for it. */
async function hunt(bug: BugName): Promise<boolean> {
  const { what } = BUGS[bug];
  for (const seed of seeds()) {
    const trial = await tryWorld({ ...settingsOf(seed), bug });
    if (trial.ok) continue;
    const isFound = isFoundBy(bug, trial.invariant);
    if (options.json) console.log(JSON.stringify({ sim: "canary-bug", bug, worlds: seed - options.from + 1, ...trial, ok: isFound }));
    else console.log(`planted: ${what}\nfound with seed ${seed}, in world ${seed - options.from + 1}: ${trial.violation}`);
    return isFound;
  }
  console.log(`planted: ${what}\nnot found with ${options.seeds} seeds`);
  return false;
}

async function acceptance(): Promise<boolean> {
  const results = await accept(options.devices ?? 1_000_000);
  if (options.json) console.log(JSON.stringify({ sim: "acceptance", results, ok: results.every(({ ok }) => ok) }));
  else for (const { what, figure, ok } of results) console.log(`${ok ? "ok  " : "MISS"} ${what}: ${figure}`);
  return results.every(({ ok }) => ok);
}

function tell(trial: Trial): boolean {
  const { seed, devices, events, simulatedMs, realMs } = trial;
  if (options.json) console.log(JSON.stringify({ ...trial, ratio: Math.round(simulatedMs / realMs) }));
  else if (trial.ok) {
    console.log(`seed ${seed}: ${devices} devices, ${trial.state}${trial.reason === undefined ? "" : ` (${trial.reason})`}`);
    if (trial.stop) console.log(`  stop     ${trial.stop.state}; ${trial.stop.running} run it; ${wordsOf(trial.stop.verdicts)}`);
    console.log(`  truth    ${wordsOf(trial.fates)}\n  verdicts ${wordsOf(trial.verdicts)}`);
    console.log(
      `  ${events} events, ${Math.round(simulatedMs / 1_000)} s in ${Math.round(realMs)} ms: ${Math.round(simulatedMs / realMs)} times real time`,
    );
    console.log(`  ${trial.digest}`);
  } else {
    console.log(`VIOLATION with seed ${seed} (${devices} devices): ${trial.violation}`);
    console.log(`  to see it again: npm run sim -- --seed ${seed} --trace`);
  }
  return trial.ok;
}

function wordsOf(counts: { readonly [name: string]: number | undefined } = {}): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count ?? 0} ${name}`)
    .join(", ");
}
