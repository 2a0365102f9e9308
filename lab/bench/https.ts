/**
 * `npm run bench:https`: OpenC2 over HTTPS v1.1, request to response, with the real consumer (checks, durable queue, answer), against the
 * transfer alone in front of a consumer that always says the same, and against bare servers that say hello (ADR 14): Bun.serve, node:https, node:http on node:tls. Server and client are processes of their own; figures are requests per second of the server's CPU.
 * Every server is measured in turn, several rounds; what counts are the ratios of one run.
 */
import { join } from "node:path";
import { positive, whole } from "../program.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const CONNECTIONS = 64;
const MODES = ["tls", "plain"] as const;
const CASES = [
  { server: "edict", what: "features" },
  { server: "edict", what: "update" },
  { server: "transfer", what: "features" },
  { server: "hello", what: "features" },
  { server: "hello", what: "update" },
  { server: "node-https", what: "features" },
  { server: "node-tls", what: "features" },
] as const;
/** Least share of the hello of the same mode and bytes. An update is a transaction on disk, begun and ended. */
const RATIOS_MIN: Readonly<Record<string, number>> = { "transfer features": 0.35, "edict features": 0.15, "edict update": 0.03 };

interface Round {
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

const options = benchProgram("https", "OpenC2 over HTTPS from request to response, against bare servers.")
  .option("--rounds <count>", "rounds of every case", whole(), 5)
  .option("--seconds <count>", "how long each case is measured in a round", positive, 3)
  .parse()
  .opts<{ rounds: number; seconds: number; json: boolean }>();
const before = machine();
const workshop = await Workshop.open();
const rounds = new Map<string, Round[]>();
for (let at = 0; at < options.rounds; at += 1) {
  for (const mode of MODES) {
    for (const { server, what } of CASES) {
      const key = `${server} ${mode} ${what}`;
      rounds.set(key, [...(rounds.get(key) ?? []), await measure(server, mode, what)]);
    }
  }
}
workshop.close();

const figures = [...rounds].map(([key, of]) => {
  const [server = "", mode = "", request = ""] = key.split(" ");
  const of_ = (name: keyof Round) => Math.round(median(of.map((one) => one[name])));
  return { server, mode, request, requestsPerCpuSecond: of_("perCpuSecond"), requestsPerSecond: of_("perSecond") };
});
const ratios = figures.filter(({ server, request }) => `${server} ${request}` in RATIOS_MIN).map(ratioOf);
const result = {
  bench: "https",
  machine: before,
  unit: "requests per second of server CPU, client in another process",
  connections: CONNECTIONS,
  rounds: options.rounds,
  figures,
  ratios,
  ok: ratios.every(({ ratio, least }) => ratio >= least),
};
console.log(options.json ? JSON.stringify(result, undefined, 1) : text());

async function measure(kind: string, mode: string, what: string): Promise<Round> {
  const part = (name: string, ...args: string[]) => new Child([process.execPath, join(import.meta.dir, "https", name), ...args]);
  const server = part("server.ts", kind, mode, workshop.directory);
  const { port } = await server.hearEvent("listening");
  const client = part("client.ts", String(port), mode, what, String(CONNECTIONS), workshop.directory);
  await client.hearEvent("warm");
  server.tell("begin");
  await server.hearEvent("begun");
  const startMs = performance.now();
  await Bun.sleep(options.seconds * 1_000);
  // Every request that was begun is answered before the clock stops.
  client.tell("stop");
  const { failed } = await client.hearEvent("stopped");
  server.tell("end");
  const { requests, cpuSeconds } = await server.hearEvent("ended");
  const seconds = (performance.now() - startMs) / 1_000;
  await server.end();
  if (failed !== 0) throw new Error(`${String(failed)} requests were not answered with 200`);
  return { perCpuSecond: Number(requests) / Number(cpuSeconds), perSecond: Number(requests) / seconds };
}

function ratioOf({ server, mode, request, requestsPerCpuSecond }: (typeof figures)[number]) {
  const hello = figures.find((other) => other.server === "hello" && other.mode === mode && other.request === request);
  const ratio = round(requestsPerCpuSecond / (hello?.requestsPerCpuSecond ?? Number.NaN));
  return { server, mode, request, ratio, least: RATIOS_MIN[`${server} ${request}`] ?? Number.NaN };
}

function text(): string {
  const lines = figures.map(({ server, mode, request, requestsPerCpuSecond, requestsPerSecond }) =>
    [
      server.padEnd(10),
      mode.padEnd(6),
      request.padEnd(9),
      String(requestsPerCpuSecond).padStart(9),
      String(requestsPerSecond).padStart(9),
    ].join(" "),
  );
  const against = ratios.map(
    ({ server, mode, request, ratio, least }) => `${server} ${mode} ${request}: ${ratio} of a hello (at least ${least})`,
  );
  return [
    JSON.stringify(before),
    "server     mode   request   per CPU-s  per second",
    ...lines,
    ...against,
    result.ok ? "ok" : "NOT ok",
  ].join("\n");
}
