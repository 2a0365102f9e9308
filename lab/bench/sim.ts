/**
 * `npm run bench:sim`: how much faster than time simulated worlds pass, by their size. Calm campaigns without faults, a day each; what counts
 * is simulated time over CPU time, so that what else goes on does not count.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, whole } from "../program.ts";
import { calm } from "../world/settings.ts";
import { tryWorld } from "../world/trial.ts";
import { benchProgram } from "./support/bench-program.ts";
import { machine } from "./support/machine.ts";
import { round } from "./support/statistics.ts";

/** Simulated seconds per CPU second at least: a thousand worlds of a few hours each in minutes. */
const RATIO_LEAST = 1_000;

const { sizes, write, json } = benchProgram("sim", "How much faster than time simulated worlds pass, by their size.")
  .option("--sizes <count,...>", "devices, one size after the other", listOf(whole()), [1_000, 10_000, 100_000])
  .option("--write", "keep the figures in docs/bench/sim.json", false)
  .parse()
  .opts<{ sizes: readonly number[]; write: boolean; json: boolean }>();
const before = machine();
const figures = [];
for (const devices of sizes) {
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
  if (!json) console.log(JSON.stringify(figure));
}
const ok = figures.every(({ ratio, rulesKept }) => rulesKept && ratio >= RATIO_LEAST);
const result = { bench: "sim", machine: before, unit: "simulated seconds per CPU second", figures, ok };
if (json) console.log(JSON.stringify(result));
if (write) writeFileSync(join(import.meta.dir, "../../docs/bench/sim.json"), `${JSON.stringify(result)}\n`);
process.exitCode = ok ? 0 : 1;
