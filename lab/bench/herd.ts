/**
 * `npm run bench:herd`: what deltas save on firmware-like images of several sizes, and what a spread does to the load on a depot: a few
 * thousand real downloads, each with its own certificate and handshake, with the spread that was planned and with none. Peak against plan,
 * by the depot's own records.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadCurve, plannedStartMs } from "../../src/campaign/load-curve.ts";
import { BlobStore } from "../../src/depot/blob-store.ts";
import { applyDelta } from "../../src/depot/client/index.ts";
import { makeDelta } from "../../src/depot/repository/zstd/make-delta.ts";
import { issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { positive, whole } from "../program.ts";
import { makeFirmware } from "../story/firmware.ts";
import { seededRandom } from "../story/random.ts";
import { nextVersion } from "./herd/next-version.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { machine } from "./support/machine.ts";
import { round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const IMAGE_MEGABYTES = [1, 4, 16, 48];
/** Small, so that the handshakes of a herd on two cores do not hide the bytes. */
const BLOB_BYTES = 256 * 1024;
const BUCKET_MS = 1_000;
/** Least share of the bytes that a delta has to save, and most that the fullest second may have of what was planned for the fullest. */
const SAVED_MIN = 0.8;
const PEAK_MAX = 1.5;
/** Least ratio of the fullest second without a spread to that with one; how many handshakes two cores can do in a second bounds it. */
const FLATTENING_MIN = 2;

const options = benchProgram("herd", "What deltas save, and what a spread does to the load on a depot.")
  .option("--devices <count>", "devices that download", whole(), 2_000)
  .option("--spread <seconds>", "over which the downloads are spread", positive, 60)
  .parse()
  .opts<{ devices: number; spread: number; json: boolean }>();
const before = machine();
const deltas: Awaited<ReturnType<typeof measureDelta>>[] = [];
for (const megabytes of IMAGE_MEGABYTES) deltas.push(await measureDelta(megabytes));

const workshop = await Workshop.open();
const ids = Array.from({ length: options.devices }, (_, index) => `urn:dev:ops:32473-herd-${index}`);
await writeDevices();
const dir = workshop.path("depot");
const { sha256 } = await new BlobStore(dir).put(makeFirmware("herd", BLOB_BYTES, seededRandom(2)));
const [spread, none] = [await stampede("spread", options.spread * 1_000), await stampede("none", 0)];
workshop.close();
const flattening = round(none.seenPeakPerSecond / spread.seenPeakPerSecond, 1);

const result = {
  bench: "herd",
  machine: before,
  shared: "other work ran on this machine at the same time; only the ratios of one run count",
  deltas,
  herd: { devices: ids.length, blobBytes: BLOB_BYTES, runs: [spread, none] },
  ratios: { seenPeakOfPlanned: spread.ofPlanned, seenPeakWithoutSpread: flattening },
  ok: deltas.every(({ saved }) => saved >= SAVED_MIN) && spread.ofPlanned <= PEAK_MAX && flattening >= FLATTENING_MIN,
};
console.log(options.json ? JSON.stringify(result, undefined, 1) : text());

async function measureDelta(megabytes: number) {
  const random = seededRandom(megabytes);
  const from = makeFirmware("1.2.3", megabytes * 1_000_000, random);
  const to = nextVersion(from, "2.3.4", random);
  const beginMs = performance.now();
  const delta = await makeDelta(from, to);
  const madeMs = performance.now();
  const hash = createHash("sha256");
  await applyDelta({ dictionary: from, delta: [delta], size: to.length, onChunk: (chunk) => Promise.resolve(void hash.update(chunk)) });
  const appliedMs = performance.now();
  if (hash.digest("hex") !== createHash("sha256").update(to).digest("hex")) throw new Error("a delta of the bench does not make its image");
  return {
    imageBytes: to.length,
    deltaBytes: delta.length,
    saved: round(1 - delta.length / to.length, 3),
    makeSeconds: round((madeMs - beginMs) / 1_000),
    applySeconds: round((appliedMs - madeMs) / 1_000),
  };
}

/** Everybody is told at one instant. */
async function stampede(name: string, spreadMs: number) {
  const commandId = `herd-${name}`;
  const depot = new Child([process.execPath, join(import.meta.dir, "depot/server.ts"), dir, workshop.directory]);
  const { port } = await depot.hearEvent("listening");
  // Bun's fetch would otherwise have 256 requests at once, which is a spread of its own.
  const herd = new Child([
    "env",
    "BUN_CONFIG_MAX_HTTP_REQUESTS=10000",
    process.execPath,
    join(import.meta.dir, "herd/devices.ts"),
    ...[port, sha256, BLOB_BYTES, spreadMs, commandId, workshop.directory].map(String),
  ]);
  const { toldMs, failed, lastMs } = await herd.hearEvent("done");
  depot.tell("figures");
  const { endsMs, sendingPeak, shed, cut } = await depot.hearEvent("figures");
  await depot.end();
  const order = { toldMs: Number(toldMs), commandId, spreadMs };
  const planned = peakOf(ids.map((id) => plannedStartMs(id, order)));
  const seen = peakOf(endsMs as readonly number[]);
  return {
    name,
    spreadSeconds: spreadMs / 1_000,
    plannedPeakPerSecond: planned,
    seenPeakPerSecond: seen,
    ofPlanned: round(seen / planned),
    sendingPeak: Number(sendingPeak),
    shed: Number(shed),
    cut: Number(cut),
    failedVisits: Number(failed),
    lastSeconds: round(Number(lastMs) / 1_000, 1),
  };
}

function peakOf(timesMs: readonly number[]): number {
  const transfers = timesMs.map((atMs) => ({ atMs, region: "", bytes: BLOB_BYTES }));
  return loadCurve(transfers, BUCKET_MS).peak.devicesPerSecond;
}

async function writeDevices(): Promise<void> {
  const nowMs = Date.now();
  const devices = [];
  for (const id of ids) {
    const { certificatePem: cert, privateKeyPem: key } = await issueDevice(workshop.authority, { id, nowMs });
    devices.push({ id, cert, key });
  }
  writeFileSync(workshop.path("devices.json"), JSON.stringify(devices));
}

function text(): string {
  const saving = deltas.map(({ imageBytes, deltaBytes, saved, makeSeconds, applySeconds }) => {
    return `image ${imageBytes}, delta ${deltaBytes}: ${(saved * 100).toFixed(1)} % saved; made in ${makeSeconds} s, applied in ${applySeconds} s`;
  });
  const runs = [spread, none].map((run) => {
    const { name, sendingPeak, seenPeakPerSecond, plannedPeakPerSecond, lastSeconds, shed } = run;
    return `${name}: at most ${sendingPeak} at once; ${seenPeakPerSecond} a second, planned ${plannedPeakPerSecond}; last after ${lastSeconds} s; ${shed} shed`;
  });
  return [JSON.stringify(before), ...saving, ...runs, result.ok ? "ok" : "NOT ok"].join("\n");
}
