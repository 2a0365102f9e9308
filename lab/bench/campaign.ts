/**
 * `npm run bench:campaign`: what a campaign costs by the size of its cohort: waves by keyed hash, beside a sort of the same devices by chance
 * in the same minute, with caps too, and how long one step of them holds everybody else up; the whole draft; keeping it in the embedded store;
 * reading it again, as a manager that starts does; marking everybody as sent to, beside writing the whole set anew with each report; one turn of
 * the planner.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { plan } from "../../src/campaign/plan.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import type { WaveCap } from "../../src/campaign/wave-caps.ts";
import { assignWaves, defaultLadder, orderWaves } from "../../src/campaign/wave-order.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { listOf, whole } from "../program.ts";
import { devicesOf, draftOf, KEY, sortedByChance, underWay } from "./campaign/cohort.ts";
import { reportsOf } from "./campaign/marks.ts";
import { Rewritten } from "./campaign/sqlite/rewritten.ts";
import { benchProgram } from "./support/bench-program.ts";
import { machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";

const ROUNDS = 5;
/** More than this and one round takes long enough to be measured. */
const ROUNDS_DEVICES_MAX = 100_000;
const TURNS = 20_000;
/** The hash of one device costs what a dozen comparisons of a sort cost; more would be a fault of ours. */
const RATIO_MAX = 20;

const { sizes, write, json } = benchProgram("campaign", "What a campaign costs by the size of its cohort.")
  .option("--sizes <count,...>", "devices, one size after the other", listOf(whole()), [10_000, 100_000, 1_000_000, 10_000_000])
  .option("--write", "keep the figures in docs/bench/campaign.json", false)
  .parse()
  .opts<{ sizes: readonly number[]; write: boolean; json: boolean }>();
const begun = machine();
const folder = mkdtempSync(join(tmpdir(), "edict-bench-"));
const figures = [];
for (const devices of sizes) {
  const figure = await measure(devices);
  figures.push(figure);
  if (!json) console.log(JSON.stringify(figure));
}
rmSync(folder, { recursive: true });
const ok = figures.every(({ wavesToSort }) => wavesToSort <= RATIO_MAX);
const result = { bench: "campaign", machine: begun, unit: "CPU seconds, unless the name says otherwise", figures, ok };
if (json) console.log(JSON.stringify(result));
if (write) writeFileSync(join(import.meta.dir, "../../docs/bench/campaign.json"), `${JSON.stringify(result)}\n`);
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
  const steps = { ms: await longestStepMs(devices), cappedMs: await longestStepMs(devices, capsOf(devices)) };
  const capped = await timed(() => assignWaves(devicesOf(devices), KEY, defaultLadder(devices), capsOf(devices)));
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
  const marks = openDatabase(join(folder, `${devices}-marks.sqlite`));
  const marking = await timed(() => markAll(new SqliteCampaignStore(marks), devices));
  const rewriting = await timed(() => markAll(new Rewritten(marks), devices));
  marks.close();

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
    cappedSeconds: round(capped.seconds, 4),
    stepMs: round(steps.ms, 1),
    cappedStepMs: round(steps.cappedMs, 1),
    draftSeconds: round(drafting.seconds, 4),
    keepSeconds: round(keeping.seconds, 4),
    readSeconds: round(reading.seconds, 4),
    keptMiB: round(statSync(file).size / 2 ** 20),
    markSeconds: round(marking.seconds, 4),
    rewriteSeconds: round(rewriting.seconds, 4),
    turnMicroseconds: round((turning.seconds / TURNS) * 1e6),
    // Of the process so far: sizes go up.
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

/** CPU time of the longest one, from the sort on: hashing is in the caller's own steps. */
async function longestStepMs(devices: number, caps: readonly WaveCap[] = []): Promise<number> {
  let [before, longestMs] = [process.cpuUsage(), 0];
  let isSorting = false;
  const pause = async () => {
    const { user, system } = process.cpuUsage(before);
    if (isSorting) longestMs = Math.max(longestMs, (user + system) / 1_000);
    isSorting = true;
    before = process.cpuUsage();
  };
  await orderWaves(devicesOf(devices), KEY, defaultLadder(devices), { caps, pause });
  return longestMs;
}

/** Four regions, whose caps no wave comes to. */
function capsOf(devices: number): readonly WaveCap[] {
  const every = (first: number) => Uint32Array.from({ length: devices / 4 }, (_, place) => place * 4 + first);
  return [{ countMax: devices, groups: [0, 1, 2, 3].map((first) => RoaringBitmap32.from(every(first))) }];
}

function markAll(store: Pick<SqliteCampaignStore, "markSent">, devices: number): void {
  for (const report of reportsOf(devices)) {
    store.markSent(1, report);
    report.dispose();
  }
}

/** CPU seconds: what else goes on does not count. */
async function timed<T>(work: () => T): Promise<{ readonly result: Awaited<T>; readonly seconds: number }> {
  Bun.gc(true);
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}
