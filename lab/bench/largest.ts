/**
 * `npm run bench:largest`: the largest fleet that this machine holds, both ends on it: real gateway processes that share one port,
 * and devices that each have a certificate, a handshake and keys of their own. Measured: how long until all stand, what they cost,
 * how long a command takes to reach all of them (the first time and afterwards), a cancel, and how long sending goes on after a
 * stop. It takes nearly all memory and both cores for a quarter of an hour.
 */
import { CHANNELS_MAX, OPENING_MAX_MS } from "../../src/channel/limits.ts";
import { positive, whole } from "../program.ts";
import { startParts } from "./contestants/edict.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Devices } from "./support/devices.ts";
import { availableKiB, cpuSeconds, kernelKiB, machine, residentKiB, wallMs } from "./support/machine.ts";
import { median, round, type Spread, spreadOf } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

/** The kernel spreads devices by a hash: parts are given so much room that the fullest does not overflow. */
const ROOM = 1.05;
/** The kernel gives an address every other of its 28,232 ports first; when these 14,116 are taken, each dial looks through all of them. */
const DEVICES_PER_PROCESS = 13_000;
const DIALS_PER_SECOND = 3_000;
const WARM_ROUNDS = 3;
const BYTES = 600;
const LOOK_MS = 10_000;
/** Of the time that a whole fan-out takes: when the stop is given. */
const STOP_AT = 0.25;
/** What has to be held and commanded for the bench to count. */
const CHANNELS_LEAST = 400_000;

interface Commanded extends Spread {
  readonly reached: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

const { channels, patienceS, json } = benchProgram(
  "largest",
  "The largest fleet that this machine holds; a quarter of an hour, nearly all memory.",
)
  .option("--channels <count>", "devices that dial", whole(), 600_000)
  .option("--patience-s <seconds>", "how long all of them have to come to stand", positive, 1_500)
  .parse()
  .opts<{ channels: number; patienceS: number; json: boolean }>();
const parts = Math.max(2, Math.ceil((channels * ROOM) / CHANNELS_MAX));
const processes = Math.max(1, Math.ceil(channels / DEVICES_PER_PROCESS));
const before = { ...machine(), availableMiB: Math.round(availableKiB() / 1_024) };
const workshop = await Workshop.open();
Devices.compile(workshop);
const manager = await BenchManager.start(workshop);
const { port, children } = await startParts(workshop, manager, parts);
const pids = children.map(({ pid }) => pid);
const [emptyKiB, emptyKernelKiB] = [residentKiB(pids), kernelKiB()];

const beganMs = wallMs();
const devices = Devices.start(workshop, {
  protocol: "edict",
  port,
  count: channels,
  processes,
  dialsPerSecond: DIALS_PER_SECOND,
});
await Promise.race([devices.up(), watchRise()]);
devices.enough();
const upSeconds = (wallMs() - beganMs) / 1_000;
// Those that were just being let in come to stand, or not.
await Bun.sleep(OPENING_MAX_MS);
const { standing } = await devices.count();
const memory = {
  kibPerChannel: round((residentKiB(pids) - emptyKiB) / standing, 1),
  kibPerChannelWithProcess: round(residentKiB(pids) / standing, 1),
  kernelKiBPerConnection: round((kernelKiB() - emptyKernelKiB) / standing, 1),
  kibPerDevice: round(residentKiB(devices.pids) / standing, 1),
  availableMiB: Math.round(availableKiB() / 1_024),
};
const cold = await command();
const warm: Commanded[] = [];
for (let round = 0; round < WARM_ROUNDS; round += 1) warm.push(await command());
const cancel = await command(true);
const stop = await stopInTheMiddle(median(warm.map(({ lastMs }) => lastMs)));
await devices.end();
await Promise.all(children.map((child) => child.end()));
manager.stop();
workshop.close();

const ok = standing >= CHANNELS_LEAST && [cold, ...warm, cancel].every(({ reached }) => reached === standing) && stop.reached < standing;
const rise = { seconds: round(upSeconds, 0), perSecond: Math.round(standing / upSeconds) };
const result = {
  bench: "largest",
  machine: before,
  parts,
  deviceProcesses: processes,
  channels: standing,
  rise,
  memory,
  bytes: BYTES,
  cold,
  warm,
  cancel,
  stop,
  ok,
};
console.log(JSON.stringify(result, undefined, json ? 1 : 0));

/** Says how far it is, and ends when patience does: then it goes on with those that stand. */
async function watchRise(): Promise<void> {
  const untilMs = wallMs() + patienceS * 1_000;
  while (wallMs() < untilMs) {
    await Bun.sleep(LOOK_MS);
    const { standing: now, closed, refused } = await devices.count();
    console.error(
      `${Math.round((wallMs() - beganMs) / 1_000)} s: ${now} stand, ${closed} closed, ${refused} refused, ${Math.round(availableKiB() / 1_024)} MiB left`,
    );
    if (now === channels) return;
  }
}

async function command(isStopping = false): Promise<Commanded> {
  const order = await manager.prepare({ bytes: BYTES, devices: channels, isStopping });
  await devices.arm();
  const heard = devices.all();
  const cpuBefore = cpuSeconds(pids);
  const startMs = wallMs();
  manager.send(order);
  const { timesUs, duplicates } = await heard;
  await manager.marked(order, standing);
  const spread = spreadOf(timesUs, startMs);
  if (duplicates > 0) throw new Error(`${duplicates} devices received a command twice`);
  return {
    ...spread,
    reached: timesUs.length,
    perSecond: Math.round(timesUs.length / (spread.lastMs / 1_000)),
    perCpuSecond: Math.round(timesUs.length / (cpuSeconds(pids) - cpuBefore)),
  };
}

/** A stop in the middle of a fan-out: how long after it the last command still arrived, and how many did in all. */
async function stopInTheMiddle(wholeMs: number) {
  const order = await manager.prepare({ bytes: BYTES, devices: channels });
  await devices.arm();
  manager.send(order);
  await Bun.sleep(wholeMs * STOP_AT);
  const stopMs = wallMs();
  await manager.stopSending(order.campaignId);
  await Bun.sleep(wholeMs * 2);
  const { timesUs } = await devices.soFar();
  // Not Math.max(...): half a million arguments are too many for one call.
  const lastMs = timesUs.reduce((latest, timeUs) => Math.max(latest, timeUs), 0) / 1_000 - stopMs;
  return { reached: timesUs.length, lastCommandAfterStopMs: round(lastMs, 1) };
}
