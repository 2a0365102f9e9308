/**
 * The device: boots, lives (life.ts), and boots again, as often as updates and restarts ask for. A start of the agent is a start of the
 * device: everything that was in memory is gone, and it goes on from disk.
 */
import { join } from "node:path";
import type { Link, LinkEvents, TrustVersions } from "../channel/wire/index.ts";
import type { LastCommand, UpdateState } from "../openc2/index.ts";
import type { Clock } from "../trust/clock.ts";
import { TimeFloor } from "../trust/time-floor.ts";
import { boot } from "./boot.ts";
import { type DeviceConfig, FILES, readDeviceConfig } from "./config.ts";
import { Disk } from "./disk.ts";
import type { EnrolmentEvent } from "./enrolment/enroller.ts";
import { Identity } from "./enrolment/identity.ts";
import { afterStart } from "./housekeeping/job.ts";
import { FilesInstaller } from "./installers/files.ts";
import { Life } from "./life.ts";
import type { Processes } from "./processes/port.ts";
import { ProcFiles } from "./processes/proc-files.ts";
import { type Slot, StateFile } from "./state.ts";
import { TrustFile } from "./trust-file.ts";
import type { UpdatePorts } from "./update-job.ts";

export type AgentEvent =
  | { readonly kind: "booted"; readonly version: string; readonly slot: Slot; readonly boot: number }
  | EnrolmentEvent
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  /** It believes another version than before. */
  | ({ readonly kind: "trust" } & TrustVersions)
  | { readonly kind: "update"; readonly commandId: string; readonly state: UpdateState; readonly error?: string }
  | {
      readonly kind: "housekeeping";
      readonly commandId: string;
      readonly action: LastCommand["action"];
      readonly state: LastCommand["state"];
      readonly error?: string;
    };

export interface AgentOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly disk?: Disk;
  /** What runs on it; default: what Linux says. */
  readonly processes?: Processes;
  /** Its way to the gateway; default: a channel of its own. */
  readonly makeLink?: (config: DeviceConfig, events: LinkEvents) => Link;
  /** Where it looks releases up and fetches bytes; default: the depots of its configuration. */
  readonly makeDepot?: () => UpdatePorts["depot"];
  /** For people and tests; nothing of it goes up the channel. */
  readonly onEvent?: (event: AgentEvent) => void;
}

export class Agent {
  readonly #options: AgentOptions;
  readonly #disk: Disk;
  readonly #stopping = new AbortController();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#disk = options.disk ?? new Disk();
  }

  /** Runs until it is stopped; boots as often as it is asked to. Rejects when the device cannot work at all (its disk, its files). */
  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted) await this.#live();
  }

  /** Ends the channel and leaves the disk as it is. */
  stop(): void {
    this.#stopping.abort(new Error("the device is switched off"));
  }

  /** One life: from a start to the next. */
  async #live(): Promise<void> {
    const { dir, clock, processes = new ProcFiles() } = this.#options;
    const startedMs = performance.now();
    const uptimeMs = () => Math.floor(performance.now() - startedMs);
    const config = await readDeviceConfig(dir, this.#disk);
    const states = new StateFile(this.#disk, join(dir, FILES.state));
    const trust = new TrustFile(this.#disk, join(dir, FILES.trust));
    await trust.load();
    const installer = new FilesInstaller(dir, this.#disk);
    const running = await boot(config, installer, states);
    const change = afterStart(states.current);
    if (change !== undefined) await states.update(change);
    this.#tell({ kind: "booted", version: running.manifest.version, slot: running.slot, boot: states.current.boot });
    const time = new TimeFloor(clock, Math.max(states.current.timeFloorMs, config.timeFloorMs));
    const identity = new Identity(config, this.#disk);
    const disk = this.#disk;
    const ports = { ...this.#options, disk, processes, config, identity, states, trust, installer, running, time, uptimeMs };
    await new Life(ports, this.#stopping.signal, (event) => this.#tell(event)).run();
  }

  #tell(event: AgentEvent): void {
    this.#options.onEvent?.(event);
  }
}
