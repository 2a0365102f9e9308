/**
 * What a compact device does with stops, restarts and questions about its processes (x-iot). Whether a command is for it is decided by the
 * agent's own pure functions; a simulated process has a name and ends when it is asked to, so that the rest is a bit in a column. Jobs and
 * answers that wait are few at a time, and no columns.
 */
import { AgentError } from "../../src/agent/index.ts";
import { acknowledgement, finalRequest } from "../../src/agent/answering.ts";
import { acceptHousekeeping, checkModel } from "../../src/agent/housekeeping/check.ts";
import { runningOf } from "../../src/agent/housekeeping/results.ts";
import { HOUSEKEEPING_MAX } from "../../src/agent/limits.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import { type DeviceModel, MODEL_TARGET, type ProcessTarget, type Response, xIot, type XIotResults } from "../../src/openc2/index.ts";
import type { VerifiedCommand } from "../../src/trust/verify/index.ts";
import type { CompactMemory } from "./compact-memory.ts";
import { statusOf, verifiedAt } from "./compact-verdict.ts";
import { at, LINK } from "./device-columns.ts";
import type { DevicePorts, Said } from "./device-ports.ts";
import type { Frame } from "./frames.ts";
import { ALWAYS_RUNNING, processesOf } from "./memory-processes.ts";

export interface HouseEvents {
  readonly nowMs: (ordinal: number) => number;
  readonly onRestart: (ordinal: number) => void;
  readonly onLost: (ordinal: number) => void;
}

/** A stop or restart that was accepted; on the device's disk. */
interface Job {
  readonly number: number;
  readonly startAtMs: number;
  isRestarting?: true;
}

export class CompactHousekeeping {
  readonly #memory: CompactMemory;
  readonly #ports: DevicePorts;
  readonly #events: HouseEvents;
  readonly #jobs = new Map<number, readonly Job[]>();
  readonly #held = new Map<number, readonly Said[]>();

  constructor(memory: CompactMemory, ports: DevicePorts, events: HouseEvents) {
    this.#memory = memory;
    this.#ports = ports;
    this.#events = events;
  }

  /** A stop or a restart (agent/housekeeping/commands.ts). */
  act(ordinal: number, frame: Frame, verified: VerifiedCommand): Response | undefined {
    const number = this.#memory.numberOf(verified.commandId, frame);
    if (this.#memory.hasSeen(ordinal, number)) return undefined;
    try {
      xIot.checkCommand?.(verified.command, "$");
      const { startAtMs } = acceptHousekeeping(verified, this.#memory.config(ordinal), this.#events.nowMs(ordinal));
      const jobs = this.jobs(ordinal);
      if (jobs.length >= HOUSEKEEPING_MAX) throw new AgentError("ERR_AGENT_BUSY", "too many commands wait here");
      this.#memory.see(ordinal, number);
      this.#jobs.set(ordinal, [...jobs, { number, startAtMs }]);
      this.#ports.witness.obeyed(ordinal, verified.commandId);
      this.#wake(ordinal);
      return acknowledgement(verified);
    } catch (error) {
      if (error instanceof EdictError && !error.facts.retry) {
        this.#memory.see(ordinal, number);
        this.#memory.rememberHouse(ordinal, number, "failed", error.code);
      }
      throw error;
    }
  }

  /** Undefined when it is no question of this profile. Without an uptime. */
  answer(ordinal: number, { command: { target } }: VerifiedCommand): Response | undefined {
    if (MODEL_TARGET in target) {
      checkModel((target as { readonly [MODEL_TARGET]: DeviceModel })[MODEL_TARGET], this.#memory.config(ordinal));
      return this.#told(ordinal, {});
    }
    if (!("process" in target)) return undefined;
    const wanted = nameOf(target["process"] as ProcessTarget);
    const running = processesOf(this.#ports.fate.processes, at(this.#memory.columns.running, ordinal));
    return this.#told(ordinal, { processes: runningOf(running.filter(({ name }) => name === wanted)) });
  }

  jobs(ordinal: number): readonly Job[] {
    return this.#jobs.get(ordinal) ?? [];
  }

  /** A start brings processes, and is the end of a restart. */
  started(ordinal: number): void {
    const { columns: c } = this.#memory;
    const { fate, witness } = this.#ports;
    c.running[ordinal] = fate.started(ordinal, at(c.boot, ordinal), this.#memory.image(ordinal));
    witness.runs(ordinal, at(c.running, ordinal));
    const restarted = this.jobs(ordinal).find(({ isRestarting }) => isRestarting);
    if (restarted !== undefined) this.#finish(ordinal, restarted, "done");
    this.#wake(ordinal);
  }

  /** One of the jobs may be due. */
  goOn(ordinal: number): void {
    const job = this.#next(ordinal);
    if (job !== undefined && job.startAtMs <= this.#events.nowMs(ordinal)) this.#do(ordinal, job);
    if (at(this.#memory.columns.link, ordinal) !== LINK.dark) this.#wake(ordinal);
  }

  /** False when it has begun, or is another one. */
  callOff(ordinal: number, number: number): boolean {
    const job = this.jobs(ordinal).find((each) => each.number === number);
    if (job === undefined || job.isRestarting) return false;
    this.#drop(ordinal, job);
    this.#memory.rememberHouse(ordinal, number, "cancelled");
    return true;
  }

  giveHeldAnswers(ordinal: number): void {
    const held = this.#held.get(ordinal);
    if (held === undefined || at(this.#memory.columns.link, ordinal) !== LINK.open) return;
    this.#held.delete(ordinal);
    for (const said of held) this.#ports.network.say(ordinal, said);
  }

  #next(ordinal: number): Job | undefined {
    return this.jobs(ordinal).toSorted((a, b) => a.startAtMs - b.startAtMs)[0];
  }

  #wake(ordinal: number): void {
    const job = this.#next(ordinal);
    if (job === undefined) return;
    const inMs = Math.max(0, job.startAtMs - this.#events.nowMs(ordinal));
    this.#memory.columns.houseDueMs[ordinal] = this.#ports.time.wakeIn(ordinal, inMs);
  }

  #do(ordinal: number, job: Job): void {
    try {
      const { command } = verifiedAt(this.#memory.frame(job.number + 1), this.#events.nowMs(ordinal));
      if (command.action === "restart") {
        job.isRestarting = true;
        this.#events.onRestart(ordinal);
      } else this.#stop(ordinal, job, nameOf((command.target as { readonly process: ProcessTarget }).process));
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.#finish(ordinal, job, "failed", { error: error.code });
    }
  }

  #stop(ordinal: number, job: Job, name: string): void {
    const { columns: c } = this.#memory;
    const { fate, witness } = this.#ports;
    if (ALWAYS_RUNNING.includes(name)) throw new AgentError("ERR_AGENT_PROTECTED", "it is needed to receive commands");
    const index = fate.processes.findIndex((process) => process.name === name);
    const bits = at(c.running, ordinal);
    const isThere = index >= 0 && (bits & (1 << index)) !== 0;
    if (isThere) witness.runs(ordinal, (c.running[ordinal] = bits & ~(1 << index)));
    this.#finish(ordinal, job, "done", { stopped: Number(isThere) });
    if (isThere && fate.processes[index]?.isNeeded) this.#events.onLost(ordinal);
  }

  #finish(ordinal: number, job: Job, state: "done" | "failed", end: { readonly error?: string; readonly stopped?: number } = {}): void {
    const { error, ...more } = end;
    this.#drop(ordinal, job);
    this.#memory.rememberHouse(ordinal, job.number, state, error);
    const { verdict } = this.#memory.frame(job.number + 1) ?? {};
    const { requestId } = typeof verdict === "object" ? finalRequest(verdict) : {};
    if (requestId === undefined) return;
    const results = { "x-iot": { ...more, last_command: this.#memory.commandOf(job.number, state, error) } };
    const response = { status: state === "done" ? 200 : statusOf(error), results } as const;
    this.#held.set(ordinal, [...(this.#held.get(ordinal) ?? []), { kind: "response", requestId, response }]);
    this.giveHeldAnswers(ordinal);
  }

  #drop(ordinal: number, job: Job): void {
    const left = this.jobs(ordinal).filter((each) => each !== job);
    if (left.length === 0) this.#jobs.delete(ordinal);
    else this.#jobs.set(ordinal, left);
  }

  #told(ordinal: number, more: XIotResults): Response {
    const job = this.jobs(ordinal).at(-1);
    const last = job === undefined ? this.#memory.lastCommand(ordinal) : this.#memory.commandOf(job.number, "queued");
    return { status: 200, results: { "x-iot": { ...more, ...(last && { last_command: last }) } } };
  }
}

/** All that a simulated process can be known by. */
function nameOf({ name, ...others }: ProcessTarget): string {
  if (name === undefined || Object.keys(others).length > 0) throw new Error("a simulated process is known by its name alone");
  return name;
}
