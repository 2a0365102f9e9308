/**
 * `npm run bench:handshake`: channels opened per second of server CPU (TLS 1.3 with both certificates verified, the identity looked
 * at again, upgrade, admission by the manager), on fresh and on resumed sessions, in turn.
 */
import { whole } from "../program.ts";
import { startPart } from "./contestants/edict.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { cpuSeconds, machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const KINDS = ["fresh", "resumed"] as const;

const { count, rounds, json } = benchProgram("handshake", "Channels opened per second of server CPU, on fresh and on resumed sessions.")
  .option("--count <handshakes>", "handshakes in a round", whole(), 400)
  .option("--rounds <count>", "rounds of each kind", whole(), 9)
  .parse()
  .opts<{ count: number; rounds: number; json: boolean }>();
const before = machine();
const workshop = await Workshop.open();
const program = workshop.compile("handshakes", ["handshakes.c", "tls.c", "speak.c"], ["-lssl", "-lcrypto"]);
const manager = await BenchManager.start(workshop);
const { child: gateway, port } = await startPart(workshop, manager);
const client = new Child([program, String(port), workshop.path("ca.pem"), workshop.path("ca.key")]);
const seconds: Record<(typeof KINDS)[number], number[]> = { fresh: [], resumed: [] };
// The first round warms the compiler up and does not count.
for (let at = 0; at <= rounds; at += 1) {
  for (const kind of KINDS) {
    const used = await open(kind);
    if (at > 0) seconds[kind].push(used);
  }
}
await client.end();
await gateway.end();
manager.stop();
workshop.close();

const perCpuSecond = (kind: (typeof KINDS)[number]) => Math.round(count / median(seconds[kind]));
const figures = { fresh: perCpuSecond("fresh"), resumed: perCpuSecond("resumed") };
const ratio = round(figures.resumed / figures.fresh);
const result = {
  bench: "handshake",
  machine: before,
  unit: "channels opened per second of server CPU",
  figures,
  resumedToFresh: ratio,
  ok: ratio > 1,
};
console.log(
  json
    ? JSON.stringify(result, undefined, 1)
    : `${JSON.stringify(before)}\nper CPU-second: fresh ${figures.fresh}, resumed ${figures.resumed} (${ratio} to 1)`,
);

async function open(kind: (typeof KINDS)[number]): Promise<number> {
  const cpuBefore = cpuSeconds([gateway.pid]);
  client.tell(`${kind} ${count}`);
  const { failed } = await client.hearEvent(kind);
  const used = cpuSeconds([gateway.pid]) - cpuBefore;
  if (failed !== 0) throw new Error(`${String(failed)} of ${count} ${kind} handshakes failed`);
  return used;
}
