/**
 * What a billion commands a second takes, from the committed figures (docs/bench/*.json) and the assumptions below: prints the table
 * of docs/scale.md as Markdown, so that the document can be checked against its sources.
 */
import { join } from "node:path";

const DEVICES = 1e9;
/** AMD EPYC 9654: 96 cores, 192 threads, default TDP 360 W (AMD's table of the 9004 series). Two in a host. */
const THREADS_PER_HOST = 2 * 192;
const PROCESSOR_WATTS_PER_HOST = 2 * 360;
/** Memory, network, power supply and cooling, as a multiple of the processors' power. Our assumption. */
const WATTS_WHOLE = 2;
/** TLS record 22, TCP with timestamps 32, IPv4 20, Ethernet with preamble, checksum and gap 38. RFC 8446, RFC 9293, RFC 791, IEEE 802.3. */
const OVERHEAD_BYTES = 22 + 32 + 20 + 38;
const COMMAND_BYTES = 600 + 4;
/** Entertainment and smart home devices in a US household (Deloitte, Connectivity and Mobile Trends 2022). */
const DEVICES_PER_HOUSEHOLD = 22;

interface FanOut {
  readonly figures: readonly {
    readonly server: string;
    readonly channels: number;
    readonly bytes: number;
    readonly commandsPerCpuSecond: number;
  }[];
}
interface Memory {
  readonly residentKiB: number;
  readonly layers: { readonly kernelSocket: number };
}
interface Handshake {
  readonly figures: { readonly fresh: number; readonly resumed: number };
}

const folder = join(import.meta.dir, "../../docs/bench");
const read = async <T>(name: string) => (await Bun.file(join(folder, `${name}.json`)).json()) as T;
const { figures } = await read<FanOut>("fanout");
const memory = await read<Memory>("memory");
const handshake = await read<Handshake>("handshake");
const perCpuSecond = figures.findLast(({ server, bytes }) => server === "edict" && bytes === 600)?.commandsPerCpuSecond ?? Number.NaN;

console.log("| | every device | one channel per household |\n|---|---|---|");
const rows = [DEVICES, DEVICES / DEVICES_PER_HOUSEHOLD].map(need);
for (const name of Object.keys(rows[0] ?? {}) as (keyof ReturnType<typeof need>)[]) {
  console.log(`| ${name} | ${rows.map((row) => row[name]).join(" | ")} |`);
}

function need(channels: number) {
  const threads = channels / perCpuSecond;
  const hosts = Math.ceil(threads / THREADS_PER_HOST);
  const bitsPerSecond = channels * (COMMAND_BYTES + OVERHEAD_BYTES) * 8;
  const memoryBytes = channels * (memory.residentKiB + memory.layers.kernelSocket) * 1_024;
  return {
    "standing channels": `${(channels / 1e6).toFixed(0)} million`,
    "CPU threads, all sending for one second": Math.ceil(threads).toLocaleString("en"),
    "hosts of two EPYC 9654": hosts.toLocaleString("en"),
    "memory, all / per host": `${(memoryBytes / 1e12).toFixed(1)} TB / ${(memoryBytes / 1e9 / hosts).toFixed(0)} GB`,
    "network, all / per host": `${(bitsPerSecond / 1e12).toFixed(2)} Tbit/s / ${(bitsPerSecond / 1e9 / hosts).toFixed(0)} Gbit/s`,
    "segments out per host": `${(channels / hosts / 1e6).toFixed(0)} million a second`,
    "power while sending": `${((hosts * PROCESSOR_WATTS_PER_HOST * WATTS_WHOLE) / 1_000).toFixed(0)} kW`,
    "all channels opened anew, fresh / resumed": `${Math.round(channels / handshake.figures.fresh / threads)} s / ${Math.round(channels / handshake.figures.resumed / threads)} s`,
  };
}
