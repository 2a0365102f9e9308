/**
 * Devices that are the agent itself: its boot, its state file, its signature checks, its installer, on a disk in memory and a link into
 * the simulated network. The depot is the seam below which nothing is real: no TUF and no HTTPS (test/depot has those).
 */
import { join } from "node:path";
import { Agent, type AgentEvent, type DeviceConfig } from "../../src/agent/index.ts";
import { FILES } from "../../src/agent/config.ts";
import type { UpdatePorts } from "../../src/agent/update-job.ts";
import { type DeviceState, encodeState } from "../../src/agent/state.ts";
import type { Link, LinkEvents } from "../../src/channel/wire/index.ts";
import { DepotError } from "../../src/depot/client/index.ts";
import { type Authority, encodeAuthority } from "../../src/trust/verify/index.ts";
import { configOf, deviceId, digestOf, IMAGE, type Image, imageBytes, type Kind, manifestOf, RELEASE } from "./catalogue.ts";
import { streamOf } from "./chance.ts";
import type { DevicePorts, Endpoint } from "./device-ports.ts";
import type { Frame } from "./frames.ts";
import { MemoryDisk, NoPower } from "./memory-disk.ts";
import { MemoryProcesses } from "./memory-processes.ts";
import { SimLink } from "./sim-link.ts";
import { Violation } from "./violation.ts";

interface FullDevice {
  readonly ordinal: number;
  readonly directory: string;
  readonly disk: MemoryDisk;
  readonly random: () => number;
  agent: Agent | undefined;
  link: SimLink | undefined;
  /** It never starts again. */
  isGone: boolean;
  /** Each power-on is a life; what belongs to an older one is over. */
  life: number;
  downloads: number;
}

export class FullAgents implements Endpoint {
  readonly #ports: DevicePorts;
  readonly #authority: Authority;
  readonly #devices = new Map<number, FullDevice>();

  constructor(ports: DevicePorts, authority: Authority) {
    this.#ports = ports;
    this.#authority = authority;
  }

  has(ordinal: number): boolean {
    return this.#devices.has(ordinal);
  }

  make(ordinal: number, kind: Kind, floorMs: number): void {
    const config = configOf(deviceId(ordinal), kind, floorMs);
    const { directory } = config;
    const disk = new MemoryDisk(filesOf(config, kind, this.#authority));
    const random = streamOf(this.#ports.chance, "device", ordinal);
    const device: FullDevice = {
      ordinal,
      directory,
      disk,
      random,
      agent: undefined,
      link: undefined,
      isGone: false,
      life: 0,
      downloads: 0,
    };
    disk.onCut = () => this.#dark(device, 5_000);
    this.#devices.set(ordinal, device);
  }

  /** At once, or in the middle of something that it writes a little later. */
  cutPower(ordinal: number, darkMs: number): void {
    const device = this.#of(ordinal);
    if (device.isGone) return;
    const steps = Math.floor(this.#ports.chance("cut at", ordinal, device.life) * 8);
    if (device.agent !== undefined && steps > 0) device.disk.cutAfter(steps);
    else {
      device.disk.cut();
      this.#dark(device, darkMs);
    }
  }

  opened(ordinal: number): void {
    const { link } = this.#of(ordinal);
    this.#ports.time.stir();
    link?.events.onOpen(link);
  }

  closed(ordinal: number, reason: string): void {
    this.#ports.time.stir();
    this.#of(ordinal).link?.end(reason);
  }

  heard(ordinal: number, frame: Frame): void {
    this.#ports.time.stir();
    void this.#of(ordinal).link?.events.onMessage({ kind: "command", frame: frame.bytes });
  }

  /** What it has on its disk. */
  state(ordinal: number): DeviceState {
    const { disk, directory } = this.#of(ordinal);
    return JSON.parse(new TextDecoder().decode(disk.file(join(directory, FILES.state)))) as DeviceState;
  }

  image(ordinal: number, slot: "a" | "b"): Image {
    const { disk, directory } = this.#of(ordinal);
    const manifest = disk.file(join(directory, "slots", slot, "manifest.json"));
    if (manifest === undefined) return IMAGE.none;
    const { sha256 } = JSON.parse(new TextDecoder().decode(manifest)) as { readonly sha256: string };
    return ([IMAGE.old, IMAGE.new] as const).find((image) => digestOf(image) === sha256) ?? IMAGE.forged;
  }

  #dark(device: FullDevice, darkMs: number): void {
    const { network, time } = this.#ports;
    network.vanish(device.ordinal);
    this.#end(device);
    time.in(darkMs, () => this.#start(device));
  }

  #end(device: FullDevice): void {
    device.life += 1;
    const { agent, link } = device;
    device.agent = undefined;
    device.link = undefined;
    link?.end("no power");
    agent?.stop();
    this.#ports.time.stir();
  }

  #start(device: FullDevice): void {
    const { ordinal, disk, directory, random } = device;
    const { time, fate, witness } = this.#ports;
    if (device.isGone || device.agent !== undefined) return;
    disk.restore();
    const { trial } = this.state(ordinal);
    if (trial !== undefined && this.image(ordinal, trial.slot) === IMAGE.new) {
      if (fate.bricks(ordinal)) {
        device.isGone = true;
        witness.bricked(ordinal);
        return;
      }
      // Stands for a health check that fails as well.
      if (fate.fails(ordinal) || fate.isFlaky(ordinal)) disk.damage(join(directory, "slots", trial.slot, "image"));
    }
    const { life } = device;
    const isMine = () => device.life === life;
    const processes = new MemoryProcesses(fate.processes, {
      onChange: (bits) => witness.runs(ordinal, bits),
      onLost: () => {
        if (isMine()) this.#loseNetwork(device);
      },
    });
    const agent = new Agent({
      dir: directory,
      clock: { nowMs: () => time.nowMs() + fate.skewMs(ordinal) },
      random,
      disk,
      processes,
      makeLink: (_, events) => this.#link(device, events),
      makeDepot: () => this.#depot(device),
      onEvent: (event) => {
        if (!isMine()) return;
        if (event.kind === "booted") processes.start(fate.started(ordinal, event.boot, this.image(ordinal, event.slot)));
        this.#saw(device, event, trial !== undefined);
      },
    });
    device.agent = agent;
    time.stir();
    agent.run().catch((error: unknown) => {
      if (!(error instanceof NoPower) && isMine())
        time.fail(new Violation("no part fails by itself", `device ${ordinal}: ${String(error)}`));
    });
  }

  #link(device: FullDevice, events: LinkEvents): Link {
    const { network } = this.#ports;
    const { ordinal } = device;
    const link = new SimLink(events, {
      dial: () => network.dial(ordinal),
      say: (bytes) => network.say(ordinal, { kind: "bytes", bytes }),
      hangUp: () => network.hangUp(ordinal),
    });
    device.link = link;
    return link;
  }

  #saw(device: FullDevice, event: AgentEvent, wasTrial: boolean): void {
    const { ordinal } = device;
    const { witness, fate, time } = this.#ports;
    if (event.kind === "refused") witness.refused(ordinal, event.reason);
    if (event.kind === "booted") {
      const { active } = this.state(ordinal);
      const spare = active === "a" ? "b" : "a";
      const outcome = !wasTrial ? "as before" : this.image(ordinal, active) === IMAGE.new ? "good" : "rolled back";
      witness.booted(ordinal, this.image(ordinal, active), this.image(ordinal, spare), outcome);
    }
    const isSwitching = event.kind === "update" && event.state === "rebooting";
    const isRestarting = event.kind === "housekeeping" && event.action === "restart" && event.state === "running";
    if (!isSwitching && !isRestarting) return;
    const { active, boot, job } = this.state(ordinal);
    if (isSwitching) {
      const frame = job && this.#ports.frames.of(Uint8Array.fromBase64(job.frame, { alphabet: "base64url" }));
      witness.installed(ordinal, this.image(ordinal, active === "a" ? "b" : "a"), frame);
    }
    device.link?.close("the device restarts");
    this.#end(device);
    time.in(fate.bootMs(ordinal, boot), () => this.#start(device));
  }

  /** Until somebody takes its plug out. */
  #loseNetwork(device: FullDevice): void {
    this.#ports.network.vanish(device.ordinal);
    this.#end(device);
  }

  #depot(device: FullDevice): UpdatePorts["depot"] {
    const { depot, time } = this.#ports;
    const { ordinal } = device;
    const unreachable = () => new DepotError("ERR_DEPOT_UNREACHABLE", "the depot is down");
    return {
      release: async () => {
        const code = depot.problem();
        if (code !== undefined) throw new DepotError(code, "the depot does not name the release");
        return RELEASE;
      },
      fetchBlob: async ({ startAt, onChunk, signal }) => {
        await new Promise<void>((resolve) => time.in(depot.fetchMs(ordinal), () => (time.stir(), resolve())));
        signal?.throwIfAborted();
        if (!depot.isUp()) {
          depot.fetched(ordinal, false);
          throw unreachable();
        }
        device.downloads += 1;
        const bytes = imageBytes(depot.isAltered(ordinal, device.downloads) ? IMAGE.forged : IMAGE.new);
        depot.fetched(ordinal, true);
        for (const part of [
          bytes.subarray(startAt, bytes.length >> 1),
          bytes.subarray(Math.max(startAt, bytes.length >> 1), RELEASE.size),
        ]) {
          if (part.length > 0) await onChunk(part);
        }
      },
    };
  }

  #of(ordinal: number): FullDevice {
    const device = this.#devices.get(ordinal);
    if (device === undefined) throw new Error(`device ${ordinal} is no full agent`);
    return device;
  }
}

function filesOf(config: DeviceConfig, kind: Kind, authority: Authority): readonly (readonly [string, Uint8Array])[] {
  const { directory, tls: _tls, isEnrolled: _isEnrolled, tufRoot: _tufRoot, ...document } = config;
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const state: DeviceState = { version: 1, boot: 0, active: "a", seen: [], floors: {}, timeFloorMs: config.timeFloorMs };
  return [
    [join(directory, FILES.device), text(document)],
    [join(directory, FILES.authority), new Uint8Array(0)],
    [join(directory, FILES.identity), new Uint8Array(0)],
    [join(directory, FILES.trust), encodeAuthority(authority)],
    [join(directory, FILES.tufRoot), new Uint8Array(0)],
    [join(directory, FILES.state), encodeState(state)],
    [join(directory, "slots", "a", "image"), imageBytes(IMAGE.old)],
    [join(directory, "slots", "a", "manifest.json"), text(manifestOf(IMAGE.old, kind))],
  ];
}
