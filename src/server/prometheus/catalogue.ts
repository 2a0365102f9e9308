/**
 * Every metric: its name by the conventions of Prometheus, what it says, and where it is read. docs/operate/metrics.md says what to
 * alert on, and a test that it lists these and no others. No label has a value that a device could choose.
 */
import manifest from "../../../package.json" with { type: "json" };
import type { GatewayTotal } from "../../channel/stats/gateway-stats.ts";
import type { Counts } from "../../channel/stats/tally.ts";
import type { ChannelFigures } from "../channel-watch.ts";

interface Named {
  /** A name that ends with _total is a counter's, any other a gauge's. */
  readonly name: string;
  readonly help: string;
}

interface Plain extends Named {
  readonly read: (figures: ChannelFigures) => number;
}

interface Labelled extends Named {
  readonly label: string;
  readonly read: (figures: ChannelFigures) => Counts;
}

export type Metric = Plain | Labelled;

/** A series that is not there before its first event has no increase when that comes: these are there from the start. */
const REFUSALS = zeros(
  "NO_CERTIFICATE CERTIFICATE_CHAIN CERTIFICATE_TIME CERTIFICATE_USAGE CERTIFICATE_FORM HANDSHAKE IDENTITY UNKNOWN_DEVICE OTHER_TENANT",
  "DENIED QUARANTINED BUSY HTTP TIMEOUT",
);
const CLOSINGS = {
  ...zeros("FRAME MESSAGE BUDGET TIMEOUT TOO_SLOW REPLACED DENIED QUARANTINED BUSY"),
  "device-gone": 0,
  "device-closed": 0,
  "gateway-stopped": 0,
};
const BREACHES = { bytes: 0, frames: 0, handshakes: 0, channels: 0 };

const of = (name: string, help: string, read: (total: GatewayTotal) => number): Plain => ({
  name: `edict_gateway_${name}`,
  help,
  read: ({ total }) => read(total),
});

const by = (label: string, name: string, help: string, read: (total: GatewayTotal) => Counts): Labelled => ({
  name: `edict_gateway_${name}`,
  help,
  label,
  read: ({ total }) => read(total),
});

const seconds = (ms: number) => ms / 1_000;

const COUNTED: readonly Metric[] = [
  of("handshakes_total", "TLS handshakes that brought a certificate of ours.", ({ handshakes }) => handshakes),
  of("handshakes_resumed_total", "Those of them that took up an earlier session.", ({ resumptions }) => resumptions),
  of("channels_opened_total", "Connections that became channels.", ({ opened }) => opened),
  by("reason", "connections_refused_total", "Connections that were refused, by stable code.", ({ refusals }) => ({
    ...REFUSALS,
    ...refusals,
  })),
  by("reason", "channels_closed_total", "Channels that ended, by stable code or plain reason.", ({ closings }) => ({
    ...CLOSINGS,
    ...closings,
  })),
  by("budget", "budget_breaches_total", "Times that somebody did more than a limit allows.", ({ breaches }) => ({
    ...BREACHES,
    ...breaches,
  })),
  of("commands_sent_total", "Commands that kernels have taken for a device. Sent is not received.", ({ sent }) => sent),
  of("sent_bytes_total", "Bytes of commands that were written, framed, before TLS.", ({ sentBytes }) => sentBytes),
  of("received_bytes_total", "Bytes from devices with a certificate of ours, after TLS.", ({ receivedBytes }) => receivedBytes),
  of(
    "unasked_bytes_total",
    "Application bytes that came up in answer to commands that asked for none.",
    ({ unaskedBytes }) => unaskedBytes,
  ),
  of("slices_total", "Slices of fan-outs.", ({ slices }) => slices),
  of("late_deliveries_total", "Orders that waited for a device until it came back.", ({ late }) => late),
  of("stops_total", "Stops that took effect, once for each part of the gateway.", ({ stops }) => stops),
  of("clones_total", "Identities that two live devices were seen to use at once.", ({ clones }) => clones),
  {
    name: "edict_depot_requests_total",
    help: "Requests for blobs to this manager's own depot that are over, by what became of them.",
    label: "outcome",
    read: ({ depot: { served, cut, shed, missing, failed } }) => ({ served, cut, shed, missing, failed }),
  },
  { name: "edict_depot_sent_bytes_total", help: "Bytes that left the depot.", read: ({ depot }) => depot.bytes },
];

const LEVELS: readonly Metric[] = [
  { name: "edict_gateway_parts", help: "Parts of the gateway (processes) that are there.", read: ({ parts }) => parts.length },
  of("channels", "Channels that stand.", ({ channels }) => channels),
  of("connections_opening", "Connections between accept and channel.", ({ opening }) => opening),
  of("channels_backlogged", "Channels whose kernel takes no more for now.", ({ backlogged }) => backlogged),
  of("queued_bytes", "Bytes that wait for kernels to take them.", ({ queuedBytes }) => queuedBytes),
  of("slice_longest_seconds", "The longest slice of the last one to two minutes.", ({ sliceLongestMs }) => seconds(sliceLongestMs)),
  of("event_loop_delay_seconds", "The longest delay of an event loop in the last one to two minutes.", ({ loopDelayMs }) =>
    seconds(loopDelayMs),
  ),
  of("stop_last_seconds", "From the signature of the newest stop until the last part sent nothing more.", ({ stopMs }) => seconds(stopMs)),
  of("reports_waiting", "Reports that are kept until the manager has committed them.", ({ reportsWaiting }) => reportsWaiting),
  {
    name: "edict_gateway_orders_behind",
    help: "Orders that the part which is furthest behind has not applied.",
    read: ({ ordersBehind }) => ordersBehind,
  },
  of("manager_silence_seconds", "Since the last sign of life from the manager, at the part that waits longest.", ({ managerSilentMs }) =>
    seconds(managerSilentMs),
  ),
  of("parts_silenced", "Parts that send nothing because the manager has been silent too long.", ({ silenced }) => silenced),
  {
    name: "edict_gateway_stats_age_seconds",
    help: "How old the oldest word of a part of itself is; one that hangs says nothing.",
    read: ({ parts }) => seconds(Math.max(0, ...parts.map(({ ageMs }) => ageMs))),
  },
  of("resident_memory_bytes", "Resident memory of the processes that hold channels.", ({ residentBytes }) => residentBytes),
  of("denied_devices", "Devices on the deny list that is in force.", ({ denied }) => denied),
  { name: "edict_depot_sending", help: "Blobs that the depot is sending.", read: ({ depot }) => depot.sending },
  {
    name: "edict_depot_load_ratio",
    help: "The last five minutes against what the depot and access networks bear; no wave begins above 1.",
    read: ({ depot }) => depot.loadShare,
  },
  { name: "edict_quarantined_devices", help: "Devices that are kept out until a person decides.", read: ({ quarantined }) => quarantined },
];

const PROCESS: readonly Metric[] = [
  { name: "edict_build_info", help: "1, with the version of the manager.", label: "version", read: () => ({ [manifest.version]: 1 }) },
  { name: "process_cpu_seconds_total", help: "CPU time of the manager's process.", read: () => cpuSeconds() },
  { name: "process_resident_memory_bytes", help: "Resident memory of the manager's process.", read: () => process.memoryUsage.rss() },
  {
    name: "process_start_time_seconds",
    help: "When the manager's process was started, since the epoch.",
    read: () => seconds(performance.timeOrigin),
  },
];

export const CATALOGUE: readonly Metric[] = [...COUNTED, ...LEVELS, ...PROCESS];

/** Of codes without what they all begin with. */
function zeros(...codes: readonly string[]): Counts {
  return Object.fromEntries(
    codes
      .join(" ")
      .split(" ")
      .map((code) => [`ERR_CHANNEL_${code}`, 0]),
  );
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
