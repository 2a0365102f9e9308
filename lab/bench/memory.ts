/**
 * `npm run bench:memory`: resident memory of one standing channel on the server, and where it goes: kernel, Bun's socket, TLS, our
 * objects. Each layer is a server of its own with the layer on top of those before it. A figure is the slope between few and many
 * channels, so that what a process needs anyway is not counted.
 */
import { join } from "node:path";
import { whole } from "../program.ts";
import { startPart } from "./contestants/edict.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { Devices, type Protocol } from "./support/devices.ts";
import { kernelKiB, machine, residentKiB } from "./support/machine.ts";
import { round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const KIB_MAX = 16;
/** Enough for the just-in-time compiler and the allocator to have settled. */
const FEW = 3_000;
const DIALS_PER_SECOND = 900;
const SETTLE_MS = 3_000;
const LISTENER = join(import.meta.dir, "support/bare-listener.ts");

interface Layer {
  readonly residentKiB: number;
  /** Both ends of the connections are on this machine: half of what the kernel took. */
  readonly kernelKiB: number;
}

const { channels, json } = benchProgram("memory", "Resident memory of one standing channel, and where it goes.")
  .option("--channels <count>", "standing channels beside the few that are always there", whole(), 12_000)
  .parse()
  .opts<{ channels: number; json: boolean }>();
const before = machine();
const workshop = await Workshop.open();
Devices.compile(workshop);
const tls = { certificate: workshop.path("server.pem"), key: workshop.path("server.key"), authority: workshop.path("ca.pem") };
const plain = await measure("plain", () => startListener({}));
const secure = await measure("tls", () => startListener({ tls }));
const manager = await BenchManager.start(workshop);
const edict = await measure("edict", () => startPart(workshop, manager));
manager.stop();
workshop.close();

const result = {
  bench: "memory",
  machine: before,
  channels,
  unit: "KiB per standing channel",
  layers: {
    kernelSocket: round(plain.kernelKiB, 1),
    bunSocket: round(plain.residentKiB, 1),
    tls: round(secure.residentKiB - plain.residentKiB, 1),
    edict: round(edict.residentKiB - secure.residentKiB, 1),
  },
  residentKiB: round(edict.residentKiB, 1),
  target: KIB_MAX,
  ok: edict.residentKiB <= KIB_MAX,
};
console.log(json ? JSON.stringify(result, undefined, 1) : text());

async function startListener(facts: object): Promise<{ child: Child; port: number }> {
  const child = new Child([process.execPath, LISTENER, JSON.stringify(facts)]);
  const { port } = await child.hearEvent("listening");
  return { child, port: Number(port) };
}

async function measure(protocol: Protocol, start: () => Promise<{ child: Child; port: number }>): Promise<Layer> {
  const { child, port } = await start();
  const common = { protocol, port, processes: 1, dialsPerSecond: DIALS_PER_SECOND };
  const few = Devices.start(workshop, { ...common, count: FEW });
  await few.up();
  await Bun.sleep(SETTLE_MS);
  const [residentBefore, kernelBefore] = [residentKiB([child.pid]), kernelKiB()];
  const many = Devices.start(workshop, { ...common, count: channels, first: 20_000 });
  await many.up();
  await Bun.sleep(SETTLE_MS);
  const layer = {
    residentKiB: (residentKiB([child.pid]) - residentBefore) / channels,
    kernelKiB: (kernelKiB() - kernelBefore) / channels / 2,
  };
  await Promise.all([few.end(), many.end()]);
  await child.end();
  return layer;
}

function text(): string {
  const { kernelSocket, bunSocket, tls: ofTls, edict: ofEdict } = result.layers;
  return [
    JSON.stringify(before),
    `KiB per standing channel, ${channels} channels:`,
    `  kernel (outside the process)  ${kernelSocket}`,
    `  Bun's socket                  ${bunSocket}`,
    `  TLS 1.3, client certificate   ${ofTls}`,
    `  Edict's objects               ${ofEdict}`,
    `  resident in the process       ${result.residentKiB}, ${KIB_MAX} at most: ${result.ok ? "ok" : "NOT ok"}`,
  ].join("\n");
}
