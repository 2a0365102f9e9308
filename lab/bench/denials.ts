/**
 * `npm run bench:denials`: how long after a deny list is signed the channels that stand are closed, with a whole share of the fleet
 * denied at once, on several parts of a gateway. The next list names more; who was denied before stays so.
 */
import { whole } from "../program.ts";
import { startParts } from "./contestants/edict.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Devices } from "./support/devices.ts";
import { machine, wallMs } from "./support/machine.ts";
import { spreadOf } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

/** ms; SAFETY: from the push to open channels that are closed, 99 of 100. */
const P99_MAX_MS = 5_000;

const { channels, parts, rounds, json } = benchProgram(
  "denials",
  "How long after a deny list is signed the channels of those denied are closed.",
)
  .option("--channels <count>", "standing channels", whole(), 6_000)
  .option("--parts <count>", "processes of the gateway", whole(), 3)
  .option("--rounds <count>", "lists that deny one share more each, of half the channels in all", whole(), 5)
  .parse()
  .opts<{ channels: number; parts: number; rounds: number; json: boolean }>();
const before = machine();
const workshop = await Workshop.open();
Devices.compile(workshop);
const manager = await BenchManager.start(workshop);
const { port, children } = await startParts(workshop, manager, parts);
const devices = Devices.start(workshop, { protocol: "edict", port, count: channels, processes: 2, dialsPerSecond: 1_500 });
await devices.up();
devices.enough();

const share = Math.floor(channels / (2 * rounds));
const endedMs = new Map<number, number>();
manager.onEnded = (ordinal, atMs) => void endedMs.set(ordinal, atMs);
const closed = [];
for (let at = 1; at <= rounds; at += 1) {
  endedMs.clear();
  const pushedMs = wallMs();
  await manager.deny(share * at);
  await manager.until(() => endedMs.size >= share);
  closed.push(
    spreadOf(
      [...endedMs.values()].map((atMs) => atMs * 1_000),
      pushedMs,
    ),
  );
}
const { standing } = await devices.count();
await devices.end();
await Promise.all(children.map((child) => child.end()));
manager.stop();
workshop.close();

const ok = standing === channels - share * rounds && closed.every(({ p99Ms }) => p99Ms <= P99_MAX_MS);
const result = { bench: "denials", machine: before, channels, parts, deniedEachTime: share, closed, p99MaxMs: P99_MAX_MS, ok };
console.log(
  json
    ? JSON.stringify(result, undefined, 1)
    : [JSON.stringify(before), ...closed.map((one) => JSON.stringify(one)), ok ? "ok" : "NOT ok"].join("\n"),
);
