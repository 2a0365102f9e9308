/**
 * `npm run bench:storm`: a part of the gateway goes, and all of its devices want to come back at once. First it is killed: they wait
 * by their own jitter. Then one says goodbye: they wait about as long as it suggests. Measured: when all are back, how steep the
 * rush is for the other parts and for the manager.
 */
import { RECONNECT_MIN_MS } from "../../src/agent/limits.ts";
import { whole } from "../program.ts";
import { startParts } from "./contestants/edict.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import type { Child } from "./support/child.ts";
import { Devices } from "./support/devices.ts";
import { cpuSeconds, machine, wallMs } from "./support/machine.ts";
import { round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

/** What gateway-process.ts suggests when it is told to end. */
const GOODBYE_DELAY_MS = 2_000;
const LOOK_MS = 10;
const PROCESSES = 2;

interface Storm {
  readonly how: "killed" | "goodbye";
  readonly lost: number;
  /** The span in which a device that is let in at its first attempt comes back, ms. */
  readonly windowMs: readonly [number, number];
  readonly halfBackMs: number;
  readonly allBackMs: number;
  /** Connections that the other parts refused because there were too many in that second. */
  readonly putOff: number;
  /** Most that the manager was asked about within one second. */
  readonly admissionsPeakPerSecond: number;
  readonly managerCpuSeconds: number;
  /** Longest time for which the manager's event loop was held up, ms. */
  readonly managerStallMs: number;
}

const { channels, parts, json } = benchProgram("storm", "A part of the gateway goes, and all of its devices come back at once.")
  .option("--channels <count>", "standing channels", whole(), 9_000)
  .option("--parts <count>", "processes of the gateway: one is killed, one says goodbye", whole(3), 3)
  .parse()
  .opts<{ channels: number; parts: number; json: boolean }>();
const before = machine();
const workshop = await Workshop.open();
Devices.compile(workshop);
const manager = await BenchManager.start(workshop);
const { port, children } = await startParts(workshop, manager, parts);
const [first, second, left] = children;
if (first === undefined || second === undefined || left === undefined)
  throw new Error("a storm takes three parts: one is killed, one says goodbye, one is left");
const devices = Devices.start(workshop, {
  protocol: "edict",
  port,
  count: channels,
  processes: PROCESSES,
  dialsPerSecond: 1_500,
});
const beganMs = wallMs();
await devices.up();
const openedPerSecond = channels / ((wallMs() - beganMs) / 1_000);
devices.rush();
const storms = [await storm("killed", first), await storm("goodbye", second)];
await devices.end();
await Promise.all(children.slice(1).map((child) => child.end()));
manager.stop();
workshop.close();

// As soon as the machine can open so many channels after the last device's wait is over, with half as much again for those put off once.
const ok = storms.every(
  ({ lost, windowMs, allBackMs }) => allBackMs < 1.5 * (windowMs[1] + (lost / openedPerSecond) * 1_000 + 3 * RECONNECT_MIN_MS),
);
const result = { bench: "storm", machine: before, channels, parts, openedPerSecond: Math.round(openedPerSecond), storms, ok };
console.log(
  json
    ? JSON.stringify(result, undefined, 1)
    : [JSON.stringify(before), ...storms.map((one) => JSON.stringify(one)), ok ? "ok" : "NOT ok"].join("\n"),
);

async function storm(how: Storm["how"], part: Child): Promise<Storm> {
  const before = await devices.count();
  const cpuBefore = cpuSeconds([process.pid]);
  const startMs = wallMs();
  const watch = watchManager();
  const back = devices.up();
  void part.end(how === "killed" ? "SIGKILL" : "SIGTERM");
  const allBackMs = (await back) - startMs;
  const seen = watch();
  const after = await devices.count();
  const lost = after.closed - before.closed;
  return {
    how,
    lost,
    windowMs: how === "killed" ? [RECONNECT_MIN_MS, 3 * RECONNECT_MIN_MS] : [0.5 * GOODBYE_DELAY_MS, 1.5 * GOODBYE_DELAY_MS],
    halfBackMs: round((seen.admittedMs[Math.floor(lost / 2)] ?? Number.NaN) - startMs, 0),
    allBackMs: round(allBackMs, 0),
    putOff: after.refused - before.refused,
    admissionsPeakPerSecond: seen.peakPerSecond,
    managerCpuSeconds: round(cpuSeconds([process.pid]) - cpuBefore),
    managerStallMs: seen.stallMs,
  };
}

/** What the rush does to the manager, which lives in this process: how steep it is, and for how long it holds up the event loop. */
function watchManager() {
  const admittedMs: number[] = [];
  manager.onAdmission = () => void admittedMs.push(wallMs());
  let [lastMs, worstMs] = [performance.now(), 0];
  const timer = setInterval(() => {
    const nowMs = performance.now();
    worstMs = Math.max(worstMs, nowMs - lastMs - LOOK_MS);
    lastMs = nowMs;
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    const perSecond = admittedMs.map((atMs, index) => admittedMs.findLastIndex((other) => other <= atMs + 1_000) - index + 1);
    return { admittedMs, peakPerSecond: Math.max(...perSecond), stallMs: round(worstMs, 1) };
  };
}
