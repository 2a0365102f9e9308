/**
 * `npm run bench:report`: an after-action at growing sizes, each in a process of its own: judging every device from its evidence, one after
 * the other; keeping the verdicts; the documents made of them; and counting from the kept sets against counting the rows, in the same minute.
 * What one thread works is given in CPU time, what an operator waits for by the clock. `ok`: counts within two seconds, documents that
 * stay small, and memory that does not hold evidence.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byDevice, contextOf, judgeAll, ReportBuilder, renderHtml, type Report } from "../../src/after-action/index.ts";
import { renderPdf } from "../../src/after-action/pdf/render-pdf.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import type { StoredVerdict } from "../../src/fleet/verdict.ts";
import { VERDICTS_PER_COMMIT } from "../../src/server/limits.ts";
import { CAMPAIGN_ID, caseFile, NOW_MS } from "./report/campaign.ts";
import { devicesOf, evidenceOf } from "./report/evidence.ts";
import { countRows } from "./report/sqlite/count-rows.ts";
import { benchBySize } from "./support/by-size.ts";
import { residentKiB } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";

/** The evidence of a device takes some 2,000 bytes as objects; a fourth of that leaves room for what the runtime has not yet collected. */
const AIMS = { countSecondsMax: 2, documentKiBMax: 1_024, bytesPerDeviceMax: 500 } as const;
const RETURN_WINDOW_MS = 600_000;
const ROUNDS = 5;
const LOOKS = 100;

await benchBySize({
  bench: "report",
  description: "An after-action at growing sizes: judging, keeping, counting, and its documents.",
  sizes: [10_000, 100_000, 1_000_000],
  aims: AIMS,
  measure,
  judge: (figures) => ({ ok: figures.every(({ ok }) => ok) }),
});

async function measure(devices: number) {
  const reading = await costOf(() => {
    for (const _case of byDevice(devicesOf(devices), evidenceOf(devices)));
  });
  const directory = mkdtempSync(join(tmpdir(), "edict-bench-report-"));
  try {
    const judged = await judgeInto(directory, devices, reading.cpuMs);
    return { devices, ...judged, ok: isAsAsked(devices, judged) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function judgeInto(directory: string, devices: number, readingMs: number) {
  const database = openDatabase(join(directory, "edict.db"));
  const fleet = new SqliteFleetStore(database);
  const file = caseFile(devices);
  const context = contextOf(file, NOW_MS, RETURN_WINDOW_MS);
  const builder = new ReportBuilder(file, context);
  const emptyKiB = residentKiB([process.pid]);
  let [peakKiB, keptMs, seen] = [emptyKiB, 0, 0];
  let batch: StoredVerdict[] = [];
  const keep = async () => {
    keptMs += (await costOf(() => fleet.putVerdicts(CAMPAIGN_ID, batch))).cpuMs;
    batch = [];
  };
  const whole = await costOf(async () => {
    for await (const row of judgeAll(builder, byDevice(devicesOf(devices), evidenceOf(devices)), context)) {
      if (++seen % Math.ceil(devices / LOOKS) === 0) peakKiB = Math.max(peakKiB, residentKiB([process.pid]));
      if (batch.push(row) === VERDICTS_PER_COMMIT) await keep();
    }
    await keep();
  });
  let report: Report | undefined;
  const finish = await costOf(() => void (report = builder.finish({ isChecked: false })));
  if (report === undefined) throw new Error("there is no report");
  const documents = await render(report);
  const counts = await count(database, fleet);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const judgeCpuMs = whole.cpuMs - keptMs - readingMs;
  return {
    verdicts: report.verdicts,
    judgedPerCpuSecond: Math.round(devices / (judgeCpuMs / 1_000)),
    judgeCpuSeconds: seconds(judgeCpuMs),
    keepCpuSeconds: seconds(keptMs),
    wholeSeconds: seconds(whole.ms),
    finishCpuSeconds: seconds(finish.cpuMs),
    ...documents,
    ...counts,
    emptyMiB: Math.round(emptyKiB / 1_024),
    peakMiB: Math.round(peakKiB / 1_024),
    diskMiB: round(statSync(join(directory, "edict.db")).size / 2 ** 20, 0),
  };
}

function seconds(ms: number): number {
  return Number((ms / 1_000).toPrecision(3));
}

async function render(report: Report) {
  const one = async (make: () => string | Uint8Array | Promise<Uint8Array>) => {
    let made: string | Uint8Array = "";
    const { cpuMs } = await costOf(async () => void (made = await make()));
    return { cpuSeconds: seconds(cpuMs), kib: round(Buffer.byteLength(made) / 1_024, 1) };
  };
  const [json, html, pdf] = [
    await one(() => JSON.stringify(report)),
    await one(() => renderHtml(report)),
    await one(() => renderPdf(report)),
  ];
  return {
    jsonKiB: json.kib,
    htmlKiB: html.kib,
    pdfKiB: pdf.kib,
    htmlCpuSeconds: html.cpuSeconds,
    pdfCpuSeconds: pdf.cpuSeconds,
  };
}

/** As an operator has them counted: read from the disk each time. */
async function count(database: Parameters<typeof countRows>[0], fleet: SqliteFleetStore) {
  const [sets, rows]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    sets.push((await costOf(() => void fleet.verdictCounts(CAMPAIGN_ID))).ms);
    rows.push((await costOf(() => void countRows(database, CAMPAIGN_ID))).ms);
  }
  const [setsMs, rowsMs] = [median(sets), median(rows)];
  return { countSetsSeconds: seconds(setsMs), countRowsSeconds: seconds(rowsMs), rowsTakeTimesAsLong: round(rowsMs / setsMs, 0) };
}

function isAsAsked(devices: number, figure: Awaited<ReturnType<typeof judgeInto>>): boolean {
  const isSmall = Math.max(figure.jsonKiB, figure.htmlKiB, figure.pdfKiB) <= AIMS.documentKiBMax;
  const grownBytes = (figure.peakMiB - figure.emptyMiB) * 2 ** 20;
  // Below a million what a runtime keeps for itself is more than what the devices take.
  const isLean = devices < 1_000_000 || grownBytes / devices <= AIMS.bytesPerDeviceMax;
  return figure.countSetsSeconds <= AIMS.countSecondsMax && isSmall && isLean;
}

interface Cost {
  /** By the clock. */
  readonly ms: number;
  /** Of this process, its collector of garbage too. */
  readonly cpuMs: number;
}

async function costOf(work: () => void | Promise<void>): Promise<Cost> {
  const [startMs, start] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(start);
  return { ms: performance.now() - startMs, cpuMs: (user + system) / 1_000 };
}
