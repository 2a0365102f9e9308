/**
 * `npm run sim`: simulated worlds. Each seed is one world with its own faults; a rule that breaks ends the run with status 1 and the way
 * to see it again. Options: --seeds 1000 --from 1 | --seed N [--trace] | --devices 1000000 | --canary-bug NAME | --acceptance, and --json.
 */
import { parseArgs } from "node:util";
import { accept } from "./acceptance.ts";
import { type BugName, BUGS, isBugName, isFoundBy } from "./bugs.ts";
import { calm, settingsOf } from "./settings.ts";
import { type Trial, tryWorld } from "./trial.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    devices: { type: "string" },
    trace: { type: "boolean", default: false },
    "canary-bug": { type: "string" },
    acceptance: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const bugName = values["canary-bug"];
if (bugName !== undefined && !isBugName(bugName)) throw new Error(`there is no bug ${bugName}; there are ${Object.keys(BUGS).join(", ")}`);

const isOk = values.acceptance ? await acceptance() : bugName !== undefined ? await hunt(bugName) : await plain();
process.exitCode = isOk ? 0 : 1;

async function plain(): Promise<boolean> {
  if (values.seed !== undefined) return one(Number(values.seed));
  if (values.devices !== undefined) return tell(await tryWorld(calm(Number(values.from), Number(values.devices))));
  const [first, count] = [Number(values.from), Number(values.seeds)];
  const totals = { worlds: 0, devices: 0, events: 0, simulatedMs: 0, realMs: 0, violations: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
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
  if (values.json) console.log(JSON.stringify({ sim: "seeds", first, ...totals, ratio, ok }));
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
  const onLine = values.trace ? (line: string) => process.stdout.write(line) : undefined;
  const devices = values.devices === undefined ? undefined : Number(values.devices);
  return tell(await tryWorld(settingsOf(seed, devices), { onLine }));
}

/** The planted bug has to be found, by a rule that is there for it. */
async function hunt(bug: BugName): Promise<boolean> {
  const { what } = BUGS[bug];
  const [first, count] = [Number(values.from), Number(values.seeds)];
  for (let seed = first; seed < first + count; seed += 1) {
    const trial = await tryWorld({ ...settingsOf(seed), bug });
    if (trial.ok) continue;
    const isFound = isFoundBy(bug, trial.invariant);
    if (values.json) console.log(JSON.stringify({ sim: "canary-bug", bug, worlds: seed - first + 1, ...trial, ok: isFound }));
    else console.log(`planted: ${what}\nfound with seed ${seed}, in world ${seed - first + 1}: ${trial.violation}`);
    return isFound;
  }
  console.log(`planted: ${what}\nnot found with ${count} seeds`);
  return false;
}

async function acceptance(): Promise<boolean> {
  const results = await accept(Number(values.devices ?? 1_000_000));
  if (values.json) console.log(JSON.stringify({ sim: "acceptance", results, ok: results.every(({ ok }) => ok) }));
  else for (const { what, figure, ok } of results) console.log(`${ok ? "ok  " : "MISS"} ${what}: ${figure}`);
  return results.every(({ ok }) => ok);
}

function tell(trial: Trial): boolean {
  const { seed, devices, events, simulatedMs, realMs } = trial;
  if (values.json) console.log(JSON.stringify({ ...trial, ratio: Math.round(simulatedMs / realMs) }));
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
