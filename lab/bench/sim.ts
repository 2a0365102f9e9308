/**
 * `npm run bench:sim`: how much faster than time simulated worlds pass, by their size. Calm campaigns without faults, a day each; what counts
 * is simulated time over CPU time, so that what else goes on does not count. Options: --sizes 1000,10000,100000 --json --write (docs/bench/sim.json)
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { calm } from "../world/settings.ts";
import { tryWorld } from "../world/trial.ts";
import { machine } from "./support/machine.ts";
import { round } from "./support/statistics.ts";

/** Simulated seconds per CPU second at least: a thousand worlds of a few hours each in minutes. */
const RATIO_LEAST = 1_000;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const before = machine();
const figures = [];
for (const devices of values.sizes.split(",").map(Number)) {
  const usedBefore = process.cpuUsage();
  const { ok, events, simulatedMs } = await tryWorld(calm(1, devices));
  const { user, system } = process.cpuUsage(usedBefore);
  const cpuSeconds = (user + system) / 1e6;
  const figure = {
    devices,
    events,
    simulatedSeconds: Math.round(simulatedMs / 1_000),
    cpuSeconds: round(cpuSeconds),
    ratio: Math.round(simulatedMs / 1_000 / cpuSeconds),
    eventsPerSecond: Math.round(events / cpuSeconds),
    // Of the process so far: sizes go up.
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    rulesKept: ok,
  };
  figures.push(figure);
  if (!values.json) console.log(JSON.stringify(figure));
}
const ok = figures.every(({ ratio, rulesKept }) => rulesKept && ratio >= RATIO_LEAST);
const result = { bench: "sim", machine: before, unit: "simulated seconds per CPU second", figures, ok };
if (values.json) console.log(JSON.stringify(result));
if (values.write) writeFileSync(join(import.meta.dir, "../../docs/bench/sim.json"), `${JSON.stringify(result)}\n`);
process.exitCode = ok ? 0 : 1;
