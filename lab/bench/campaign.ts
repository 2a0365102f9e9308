/**
 * `npm run bench:campaign`: what a campaign costs by the size of its cohort: waves by keyed hash, beside a sort of the same devices by chance
 * in the same minute; the whole draft; keeping it in the embedded store; reading it again, as a manager that starts does; one turn of the
 * planner. Options: --sizes 10000,100000,1000000,10000000 --json --write (docs/bench/campaign.json)
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { plan } from "../../src/campaign/plan.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { devicesOf, draftOf, KEY, sortedByChance, underWay } from "./campaign/cohort.ts";
import { machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";

const ROUNDS = 5;
/** More than this and one round takes long enough to be measured. */
const ROUNDS_DEVICES_MAX = 100_000;
const TURNS = 20_000;
/** The hash of one device costs what a dozen comparisons of a sort cost; more would be a fault of ours. */
const RATIO_MAX = 20;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "10000,100000,1000000,10000000" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const begun = machine();
const folder = mkdtempSync(join(tmpdir(), "edict-bench-"));
const figures = [];
for (const devices of values.sizes.split(",").map(Number)) {
  const figure = await measure(devices);
  figures.push(figure);
  if (!values.json) console.log(JSON.stringify(figure));
}
rmSync(folder, { recursive: true });
const ok = figures.every(({ wavesToSort }) => wavesToSort <= RATIO_MAX);
const result = { bench: "campaign", machine: begun, unit: "CPU seconds, unless the name says otherwise", figures, ok };
if (values.json) console.log(JSON.stringify(result));
if (values.write) writeFileSync(join(import.meta.dir, "../../docs/bench/campaign.json"), `${JSON.stringify(result)}\n`);
process.exitCode = ok ? 0 : 1;

async function measure(devices: number) {
  const rounds = devices > ROUNDS_DEVICES_MAX ? 1 : ROUNDS;
  const wavesSeconds: number[] = [];
  const sortSeconds: number[] = [];
  for (let at = 0; at < rounds; at += 1) {
    sortSeconds.push((await timed(() => sortedByChance(devices))).seconds);
    wavesSeconds.push((await timed(() => assignWaves(devicesOf(devices), KEY, defaultLadder(devices)))).seconds);
  }
  const [waves, sort] = [median(wavesSeconds), median(sortSeconds)];
  const drafting = await timed(() => draftOf(devices));
  const { result: draft } = drafting;

  const file = join(folder, `${devices}.sqlite`);
  const database = openDatabase(file);
  const store = new SqliteCampaignStore(database);
  const keeping = await timed(() => keepDraft(store, draft));
  const reading = await timed(() => {
    const { id, waves: described } = draft.campaign;
    return [store.get(id), store.cohort(id), ...described.map(({ index }) => store.wave(id, index))];
  });
  database.close();

  const { campaign, facts, nowMs } = underWay(draft.campaign);
  const turning = await timed(() => {
    for (let turn = 0; turn < TURNS; turn += 1) plan(campaign, facts, nowMs);
  });
  return {
    devices,
    waves: campaign.waves.length,
    wavesSeconds: round(waves, 4),
    sortSeconds: round(sort, 4),
    wavesToSort: round(waves / sort),
    draftSeconds: round(drafting.seconds, 4),
    keepSeconds: round(keeping.seconds, 4),
    readSeconds: round(reading.seconds, 4),
    keptMiB: round(statSync(file).size / 2 ** 20),
    turnMicroseconds: round((turning.seconds / TURNS) * 1e6),
    // Of the process so far: sizes go up.
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

/** CPU seconds: what else goes on does not count. */
async function timed<T>(work: () => T): Promise<{ readonly result: Awaited<T>; readonly seconds: number }> {
  Bun.gc(true);
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}
