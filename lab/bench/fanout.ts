/**
 * `npm run bench:fanout`: one command to every standing channel, Edict's gateway against the floor and against what else is
 * installed; same machine, same certificates, same kind of devices, same bytes, round after round in turn. Figures are commands per
 * second of server CPU and wall time; what counts are the ratios of one run.
 */
import { listOf, oneOf, whole } from "../program.ts";
import type { Contestant } from "./contestants/contestant.ts";
import { startEdict } from "./contestants/edict.ts";
import { startFloor } from "./contestants/floor.ts";
import { startMosquitto } from "./contestants/mosquitto.ts";
import { startNats } from "./contestants/nats.ts";
import { startNchan } from "./contestants/nchan.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Devices } from "./support/devices.ts";
import { cpuSeconds, machine, residentKiB, wallMs } from "./support/machine.ts";
import { median, round, type Spread, spreadOf } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const STARTS = { edict: startEdict, floor: startFloor, nchan: startNchan, nats: startNats, mosquitto: startMosquitto } as const;
const BYTES = [600, 1_400] as const;
const SETTLE_MS = 1_500;
const PATIENCE_MS = 60_000;
const TARGETS = { floor: 0.65, nchan: 1.3, nats: 2, mosquitto: 3.5 } as const;

type Name = keyof typeof STARTS;

const NAMES = Object.keys(STARTS) as Name[];

interface Round {
  readonly bytes: number;
  readonly cpuSeconds: number;
  readonly spread: Spread;
}

interface Entered {
  readonly name: Name;
  readonly server: Contestant;
  readonly devices: Devices;
  readonly kibPerChannel: number;
  readonly cold: Round;
  readonly rounds: Round[];
}

interface Figures {
  readonly server: string;
  readonly channels: number;
  readonly bytes: number;
  readonly commandsPerCpuSecond: number;
  /** The very first fan-out to these channels. */
  readonly coldCommandsPerCpuSecond: number;
  readonly kibPerChannel: number;
  readonly wall: Spread;
  readonly coldWall: Spread;
}

const { channels, rounds, only, json } = benchProgram(
  "fanout",
  "One command to every standing channel: Edict's gateway against other servers.",
)
  .option("--channels <count,...>", "standing channels, one contest after the other", listOf(whole()), [5_000, 15_000])
  .option("--rounds <count>", "fan-outs of each size and server", whole(), 9)
  .option("--only <name,...>", "these only, and those that are installed", listOf(oneOf(NAMES)), NAMES)
  .parse()
  .opts<{ channels: readonly number[]; rounds: number; only: readonly Name[]; json: boolean }>();
const before = machine();
const figures: Figures[] = [];
for (const count of channels) figures.push(...(await contest(only, count, rounds)));
const skipped = only.filter((name) => figures.every(({ server }) => server !== name));
const ratios = figures.filter(({ server }) => server === "edict").map(ratiosOf);
const ok = ratios.every(({ against }) => Object.values(against).every(({ ratio, target }) => ratio >= target));
const result = { bench: "fanout", machine: before, unit: "commands per second of server CPU", figures, ratios, skipped, ok };
console.log(json ? JSON.stringify(result, undefined, 1) : text());
process.exit(0);

/** All servers with all their channels at once; then each is given a command in turn, so that what else the machine does meets all. */
async function contest(names: readonly Name[], channels: number, rounds: number): Promise<readonly Figures[]> {
  const workshop = await Workshop.open();
  Devices.compile(workshop);
  const entered: Entered[] = [];
  for (const name of names) entered.push(...(await enter(workshop, name, channels)));
  for (let at = 0; at < rounds; at += 1) {
    for (const bytes of BYTES) {
      for (const { server, devices, rounds: of } of entered) of.push(await fanOut(server, devices, channels, bytes));
    }
  }
  await Promise.all(entered.map(({ devices, server }) => devices.end().then(() => server.end())));
  workshop.close();
  return entered.flatMap((one) => BYTES.map((bytes) => figuresOf(one, channels, bytes)));
}

/** Starts a server, lets all devices in, and sends one command, the cold one. None when it is not installed. */
async function enter(workshop: Workshop, name: Name, channels: number): Promise<readonly Entered[]> {
  const server = await STARTS[name](workshop);
  if (server === undefined) return [];
  const emptyKiB = residentKiB(server.pids);
  const devices = Devices.start(workshop, {
    protocol: server.protocol,
    port: server.port,
    count: channels,
    processes: 2,
    dialsPerSecond: 900,
  });
  await devices.up();
  await Bun.sleep(SETTLE_MS);
  const kibPerChannel = (residentKiB(server.pids) - emptyKiB) / channels;
  return [{ name, server, devices, kibPerChannel, cold: await fanOut(server, devices, channels, BYTES[0]), rounds: [] }];
}

function figuresOf({ name, kibPerChannel, cold, rounds }: Entered, channels: number, bytes: number): Figures {
  const of = rounds.filter((round) => round.bytes === bytes);
  return {
    server: name,
    channels,
    bytes,
    commandsPerCpuSecond: Math.round(channels / median(of.map((one) => one.cpuSeconds))),
    coldCommandsPerCpuSecond: Math.round(channels / cold.cpuSeconds),
    kibPerChannel: round(kibPerChannel, 1),
    wall: medianSpread(of.map(({ spread }) => spread)),
    coldWall: cold.spread,
  };
}

async function fanOut(server: Contestant, devices: Devices, channels: number, bytes: number): Promise<Round> {
  const send = await server.prepare(bytes, channels, devices);
  await devices.arm();
  const heard = devices.all();
  const cpuBefore = cpuSeconds(server.pids);
  const startMs = wallMs();
  await send();
  const { timesUs, duplicates } = await Promise.race([heard, outOfPatience(server.name)]);
  await server.drained();
  const cpu = cpuSeconds(server.pids) - cpuBefore;
  if (timesUs.length !== channels || duplicates > 0) throw new Error(`${timesUs.length} of ${channels} received, ${duplicates} twice`);
  return { bytes, cpuSeconds: cpu, spread: spreadOf(timesUs, startMs) };
}

async function outOfPatience(server: string): Promise<never> {
  await Bun.sleep(PATIENCE_MS);
  throw new Error(`${server}: not every channel had its command after ${PATIENCE_MS / 1_000} s; is the server still there?`);
}

function medianSpread(spreads: readonly Spread[]): Spread {
  const of = (name: keyof Spread) => median(spreads.map((spread) => spread[name]));
  return { firstMs: of("firstMs"), medianMs: of("medianMs"), p99Ms: of("p99Ms"), lastMs: of("lastMs") };
}

function ratiosOf({ channels, bytes, commandsPerCpuSecond }: Figures) {
  const others = figures.filter((other) => other.server !== "edict" && other.channels === channels && other.bytes === bytes);
  const against = others.map((other) => {
    const ratio = round(commandsPerCpuSecond / other.commandsPerCpuSecond);
    return [other.server, { ratio, target: TARGETS[other.server as keyof typeof TARGETS] }] as const;
  });
  return { channels, bytes, against: Object.fromEntries(against) };
}

function text(): string {
  const lines = figures.map(({ server, channels, bytes, commandsPerCpuSecond, coldCommandsPerCpuSecond, kibPerChannel, wall }) => {
    const cells = [server.padEnd(10), channels, bytes, commandsPerCpuSecond, coldCommandsPerCpuSecond, kibPerChannel];
    return [...cells, wall.firstMs, wall.medianMs, wall.p99Ms, wall.lastMs].map((cell) => String(cell).padStart(9)).join(" ");
  });
  const head = ["server", "channels", "bytes", "per CPU-s", "cold", "KiB/ch", "first ms", "median", "p99", "last"];
  const against = ratios.map((one) => `${one.channels} channels, ${one.bytes} bytes: ${JSON.stringify(one.against)}`);
  return [JSON.stringify(before), head.map((cell) => cell.padStart(9)).join(" "), ...lines, ...against, ok ? "ok" : "NOT ok"].join("\n");
}
