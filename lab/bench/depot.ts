/**
 * `npm run bench:depot`: blobs over TLS 1.3 with client certificates, the depot against nginx with one worker: the same file, the same clients,
 * in turn, several rounds. A few devices that fetch the whole, a few that fetch ranges, and many at once. Figures are megabytes per second of
 * the server's CPU and of the clock; what counts are the ratios of one run. Neither server has kTLS here, so neither can send a file
 * without copying it through the cipher.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BlobStore } from "../../src/depot/blob-store.ts";
import { CONNECTIONS_PER_DEVICE_MAX } from "../../src/depot/limits.ts";
import { issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { positive, whole } from "../program.ts";
import { makeFirmware } from "../story/firmware.ts";
import { seededRandom } from "../story/random.ts";
import { type BlobServer, startNginx } from "./depot/nginx.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { cpuSeconds, machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const BLOB_BYTES = 32 * 1024 * 1024;
const CASES = [
  { name: "whole", devices: 8, rangeBytes: 0 },
  { name: "ranges of 1 MiB", devices: 8, rangeBytes: 1024 * 1024 },
  { name: "many", devices: 400, rangeBytes: 1024 * 1024 },
] as const;
/** Least share of nginx's megabytes per second of CPU (DESIGN: within 0.8 of nginx). */
const RATIO_MIN = 0.8;

const options = benchProgram("depot", "Blobs over TLS with client certificates, the depot against nginx.")
  .option("--rounds <count>", "rounds of every case", whole(), 5)
  .option("--seconds <count>", "how long each case is measured in a round", positive, 3)
  .parse()
  .opts<{ rounds: number; seconds: number; json: boolean }>();

interface Round {
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

const before = machine();
const workshop = await Workshop.open();
const dir = workshop.path("depot");
const { sha256 } = await new BlobStore(dir).put(makeFirmware("bench", BLOB_BYTES, seededRandom(1)));
await writeDevices(Math.ceil(Math.max(...CASES.map(({ devices }) => devices)) / CONNECTIONS_PER_DEVICE_MAX));
const rounds = new Map<string, Round[]>();
for (let at = 0; at < options.rounds; at += 1) {
  for (const start of [startEdict, startNginx]) {
    const server = await start(workshop, dir);
    if (server === undefined) continue;
    for (const { name, devices, rangeBytes } of CASES) {
      const key = `${start === startEdict ? "edict" : "nginx"}/${name}`;
      rounds.set(key, [...(rounds.get(key) ?? []), await measure(server, devices, rangeBytes)]);
    }
    await server.end();
  }
}
workshop.close();

const figures = [...rounds].map(([key, of]) => {
  const [server = "", what = ""] = key.split("/");
  const megabytes = (name: keyof Round) => round(median(of.map((one) => one[name])), 1);
  return { server, what, megabytesPerCpuSecond: megabytes("perCpuSecond"), megabytesPerSecond: megabytes("perSecond") };
});
const ratios = CASES.flatMap(({ name }) => {
  const [edict, nginx] = ["edict", "nginx"].map((server) => figures.find((one) => one.server === server && one.what === name));
  if (edict === undefined || nginx === undefined) return [];
  return [{ what: name, ratio: round(edict.megabytesPerCpuSecond / nginx.megabytesPerCpuSecond), least: RATIO_MIN }];
});
const result = {
  bench: "depot",
  machine: before,
  shared: "other work ran on this machine at the same time; only the ratios of one run count",
  blobBytes: BLOB_BYTES,
  rounds: options.rounds,
  figures,
  ratios,
  ok: ratios.every(({ ratio, least }) => ratio >= least),
};
console.log(options.json ? JSON.stringify(result, undefined, 1) : text());

async function startEdict(at: Workshop, folder: string): Promise<BlobServer> {
  const server = new Child([process.execPath, join(import.meta.dir, "depot/server.ts"), folder, at.directory]);
  const { port } = await server.hearEvent("listening");
  return { port: Number(port), pids: [server.pid], end: () => server.end() };
}

async function measure({ port, pids }: BlobServer, devices: number, rangeBytes: number): Promise<Round> {
  const client = new Child([
    process.execPath,
    join(import.meta.dir, "depot/client.ts"),
    ...[port, `/blobs/sha256/${sha256}`, BLOB_BYTES, devices, rangeBytes, workshop.directory].map(String),
  ]);
  await client.hearEvent("warm");
  const [startMs, startCpu] = [performance.now(), cpuSeconds(pids)];
  client.tell("go");
  await Bun.sleep(options.seconds * 1_000);
  // Every answer that was begun is read to its end before the clock stops.
  client.tell("stop");
  const { bytes } = await client.hearEvent("stopped");
  const [seconds, cpu] = [(performance.now() - startMs) / 1_000, cpuSeconds(pids) - startCpu];
  await client.end();
  return { perCpuSecond: Number(bytes) / 1e6 / cpu, perSecond: Number(bytes) / 1e6 / seconds };
}

async function writeDevices(count: number): Promise<void> {
  const nowMs = Date.now();
  const issued = await Promise.all(
    Array.from({ length: count }, (_, index) => issueDevice(workshop.authority, { id: `urn:dev:ops:32473-bench-${index}`, nowMs })),
  );
  const devices = issued.map(({ certificatePem: cert, privateKeyPem: key }) => ({ cert, key }));
  writeFileSync(workshop.path("devices.json"), JSON.stringify(devices));
}

function text(): string {
  const lines = figures.map(
    ({ server, what, megabytesPerCpuSecond, megabytesPerSecond }) =>
      `${server.padEnd(7)}${what.padEnd(18)}${String(megabytesPerCpuSecond).padStart(9)}${String(megabytesPerSecond).padStart(12)}`,
  );
  const against = ratios.map(({ what, ratio, least }) => `${what}: ${ratio} of nginx (at least ${least})`);
  return [JSON.stringify(before), "server what               MB/CPU-s        MB/s", ...lines, ...against, result.ok ? "ok" : "NOT ok"].join(
    "\n",
  );
}
