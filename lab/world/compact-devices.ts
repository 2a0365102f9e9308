/**
 * Devices as rows of numbers that behave as the agent does: the link, the boot with its trial, and what a reboot forgets. What they
 * decide about commands and updates is in compact-decisions.ts. test/world/compact.test.ts holds them against the agent itself.
 */
import { nextWaitMs } from "../../src/channel/wire/index.ts";
import { RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "../../src/agent/limits.ts";
import { IMAGE, type Kind, KINDS } from "./catalogue.ts";
import { Decisions } from "./compact-decisions.ts";
import type { CompactHousekeeping } from "./compact-housekeeping.ts";
import { CompactMemory } from "./compact-memory.ts";
import { at, type Columns, JOB, LINK } from "./device-columns.ts";
import type { DevicePorts, Endpoint } from "./device-ports.ts";
import type { Frame } from "./frames.ts";

const NEVER = Number.POSITIVE_INFINITY;

export class CompactDevices implements Endpoint {
  readonly memory: CompactMemory;
  readonly columns: Columns;
  readonly #ports: DevicePorts;
  readonly #decisions: Decisions;

  constructor(count: number, ports: DevicePorts, isCredulous = false) {
    this.memory = new CompactMemory(count);
    this.columns = this.memory.columns;
    this.#ports = ports;
    this.#decisions = new Decisions(this.memory, ports, isCredulous, {
      onReboot: (ordinal) => this.#reboot(ordinal),
      onLost: (ordinal) => this.#loseNetwork(ordinal),
    });
  }

  get house(): CompactHousekeeping {
    return this.#decisions.house;
  }

  /** As it leaves the factory: switched off, with the old image. */
  make(ordinal: number, kind: Kind, floorMs: number): void {
    const { columns } = this;
    columns.kind[ordinal] = KINDS.indexOf(kind);
    columns.slotA[ordinal] = IMAGE.old;
    columns.floorMs[ordinal] = floorMs;
  }

  /** A start: at power on, and after each reboot. */
  start(ordinal: number): void {
    const { columns: c } = this;
    const { fate, witness } = this.#ports;
    if (at(c.link, ordinal) === LINK.gone) return;
    c.link[ordinal] = LINK.dark;
    const isTrial = at(c.trialLeft, ordinal) > 0;
    if (isTrial && this.memory.spareImage(ordinal) === IMAGE.new && fate.bricks(ordinal)) {
      c.link[ordinal] = LINK.gone;
      witness.bricked(ordinal);
      return;
    }
    c.boot[ordinal] = at(c.boot, ordinal) + 1;
    const outcome = isTrial ? this.#tryOut(ordinal) : "as before";
    witness.booted(ordinal, this.memory.image(ordinal), this.memory.spareImage(ordinal), outcome);
    c.linkWaitMs[ordinal] = RECONNECT_MIN_MS;
    this.#dial(ordinal);
    if (at(c.job, ordinal) > 0) this.#decisions.begin(ordinal);
    this.#decisions.house.started(ordinal);
  }

  /** Whatever it is doing ends here; it is switched on again after so long, if at all. */
  cutPower(ordinal: number, darkMs: number): void {
    const { columns: c } = this;
    if (at(c.link, ordinal) === LINK.gone) return;
    this.#ports.network.vanish(ordinal);
    this.#forget(ordinal);
    c.linkDueMs[ordinal] = this.#ports.time.wakeIn(ordinal, darkMs);
  }

  due(ordinal: number): void {
    const { columns: c } = this;
    const nowMs = this.#ports.time.nowMs();
    if (at(c.linkDueMs, ordinal) <= nowMs) {
      c.linkDueMs[ordinal] = NEVER;
      if (at(c.link, ordinal) === LINK.dark) this.start(ordinal);
      else this.#dial(ordinal);
    }
    if (at(c.jobDueMs, ordinal) <= nowMs) {
      c.jobDueMs[ordinal] = NEVER;
      this.#decisions.goOn(ordinal);
    }
    if (at(c.houseDueMs, ordinal) <= nowMs) {
      c.houseDueMs[ordinal] = NEVER;
      this.#decisions.house.goOn(ordinal);
    }
  }

  opened(ordinal: number): void {
    const { columns: c } = this;
    if (at(c.link, ordinal) !== LINK.dialling) return;
    c.link[ordinal] = LINK.open;
    c.linkWaitMs[ordinal] = RECONNECT_MIN_MS;
    this.#decisions.greet(ordinal);
  }

  closed(ordinal: number): void {
    const { columns: c } = this;
    if (at(c.link, ordinal) !== LINK.dialling && at(c.link, ordinal) !== LINK.open) return;
    c.link[ordinal] = LINK.waiting;
    const random = () => this.#decisions.random(ordinal);
    c.linkWaitMs[ordinal] = nextWaitMs(at(c.linkWaitMs, ordinal), RECONNECT_MIN_MS, RECONNECT_MAX_MS, random);
    c.linkDueMs[ordinal] = this.#ports.time.wakeIn(ordinal, at(c.linkWaitMs, ordinal));
  }

  heard(ordinal: number, frame: Frame): void {
    if (at(this.columns.link, ordinal) === LINK.open) this.#decisions.heard(ordinal, frame);
  }

  /** The slot on trial: good with the first healthy start, otherwise the old one comes back, which is another start (agent/boot.ts). */
  #tryOut(ordinal: number): "good" | "rolled back" {
    const { columns: c } = this;
    const { fate } = this.#ports;
    const left = at(c.trialLeft, ordinal) - 1;
    const isHealthy = !fate.isFlaky(ordinal) && !(this.memory.spareImage(ordinal) === IMAGE.new && fate.fails(ordinal));
    c.trialLeft[ordinal] = 0;
    if (left > 0 && isHealthy) {
      c.active[ordinal] = 1 - at(c.active, ordinal);
      this.#decisions.finish(ordinal, "done");
      return "good";
    }
    c.boot[ordinal] = at(c.boot, ordinal) + 1;
    this.#decisions.finish(ordinal, "rolled_back", "ERR_AGENT_HEALTH");
    return "rolled back";
  }

  #reboot(ordinal: number): void {
    const { columns: c } = this;
    const { network, fate, time } = this.#ports;
    network.hangUp(ordinal);
    this.#forget(ordinal);
    c.linkDueMs[ordinal] = time.wakeIn(ordinal, fate.bootMs(ordinal, at(c.boot, ordinal)));
  }

  #forget(ordinal: number): void {
    const { columns: c } = this;
    c.link[ordinal] = LINK.dark;
    c.phase[ordinal] = JOB.none;
    c.linkDueMs[ordinal] = NEVER;
    c.jobDueMs[ordinal] = NEVER;
    c.houseDueMs[ordinal] = NEVER;
  }

  /** Until somebody takes its plug out. */
  #loseNetwork(ordinal: number): void {
    this.#ports.network.vanish(ordinal);
    this.#forget(ordinal);
  }

  #dial(ordinal: number): void {
    this.columns.link[ordinal] = LINK.dialling;
    this.#ports.network.dial(ordinal);
  }
}
