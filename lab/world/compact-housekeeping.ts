/**
 * What a compact device does with stops, restarts and questions about its processes (x-iot). Whether a command is for it is decided by the
 * agent's own pure functions; a simulated process has a name and ends when it is asked to, so that the rest is a bit in a column.
 */
import { AgentError } from "../../src/agent/index.ts";
import { acknowledgement, finalRequest } from "../../src/agent/answering.ts";
import { acceptHousekeeping, checkModel } from "../../src/agent/housekeeping/check.ts";
import { runningOf } from "../../src/agent/housekeeping/results.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import { type DeviceModel, MODEL_TARGET, type ProcessTarget, type Response, xIot, type XIotResults } from "../../src/openc2/index.ts";
import type { VerifiedCommand } from "../../src/trust/verify/index.ts";
import type { CompactMemory, HouseEnd } from "./compact-memory.ts";
import { statusOf, verifiedAt } from "./compact-verdict.ts";
import { at, LINK } from "./device-columns.ts";
import type { DevicePorts } from "./device-ports.ts";
import type { Frame } from "./frames.ts";
import { ALWAYS_RUNNING, processesOf } from "./memory-processes.ts";

export interface HouseEvents {
  readonly nowMs: (ordinal: number) => number;
  readonly onRestart: (ordinal: number) => void;
  readonly onLost: (ordinal: number) => void;
}

export class CompactHousekeeping {
  readonly #memory: CompactMemory;
  readonly #ports: DevicePorts;
  readonly #events: HouseEvents;

  constructor(memory: CompactMemory, ports: DevicePorts, events: HouseEvents) {
    this.#memory = memory;
    this.#ports = ports;
    this.#events = events;
  }

  /** A stop or a restart (agent/housekeeping/commands.ts). */
  act(ordinal: number, frame: Frame, verified: VerifiedCommand): Response | undefined {
    const { columns: c } = this.#memory;
    const number = this.#memory.numberOf(verified.commandId, frame);
    if (this.#memory.hasSeen(ordinal, number)) return undefined;
    try {
      xIot.checkCommand?.(verified.command, "$");
      const job = acceptHousekeeping(verified, this.#memory.config(ordinal), this.#events.nowMs(ordinal));
      if (at(c.restarting, ordinal) > 0) throw new AgentError("ERR_AGENT_BUSY", "a restart is under way");
      if (at(c.house, ordinal) > 0) throw new Error(`device ${ordinal} is compact: it keeps one stop or restart at a time`);
      this.#memory.see(ordinal, number);
      c.house[ordinal] = number + 1;
      c.houseStartMs[ordinal] = job.startAtMs;
      this.#ports.witness.obeyed(ordinal, verified.commandId);
      this.#begin(ordinal);
      return acknowledgement(verified);
    } catch (error) {
      if (error instanceof EdictError && !error.facts.retry) {
        this.#memory.see(ordinal, number);
        this.#memory.rememberHouse(ordinal, number, { state: "failed", error: error.code });
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

  /** A start brings processes, and is the end of a restart. */
  started(ordinal: number): void {
    const { columns: c } = this.#memory;
    const { fate, witness } = this.#ports;
    c.running[ordinal] = fate.started(ordinal, at(c.boot, ordinal), this.#memory.image(ordinal));
    witness.runs(ordinal, at(c.running, ordinal));
    if (at(c.house, ordinal) === 0) return;
    if (at(c.restarting, ordinal) === 0) return this.#begin(ordinal);
    c.restarting[ordinal] = 0;
    this.#finish(ordinal, { state: "done" });
  }

  goOn(ordinal: number): void {
    const { columns: c } = this.#memory;
    try {
      const { command } = verifiedAt(this.#memory.frame(at(c.house, ordinal)), this.#events.nowMs(ordinal));
      if (command.action === "restart") {
        c.restarting[ordinal] = 1;
        this.#events.onRestart(ordinal);
      } else this.#stop(ordinal, nameOf((command.target as { readonly process: ProcessTarget }).process));
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.#finish(ordinal, { state: "failed", error: error.code });
    }
  }

  /** False when it has begun, or is another one. */
  callOff(ordinal: number, number: number): boolean {
    const { columns: c } = this.#memory;
    if (at(c.house, ordinal) !== number + 1 || at(c.restarting, ordinal) > 0) return false;
    c.house[ordinal] = 0;
    c.houseDueMs[ordinal] = Number.POSITIVE_INFINITY;
    this.#memory.rememberHouse(ordinal, number, { state: "cancelled" });
    return true;
  }

  giveHeldAnswer(ordinal: number): void {
    const { columns: c } = this.#memory;
    const { verdict } = this.#memory.frame(at(c.lastHouse, ordinal)) ?? {};
    const last = this.#memory.lastCommand(ordinal);
    if (at(c.houseAnswer, ordinal) === 0 || at(c.link, ordinal) !== LINK.open || typeof verdict !== "object" || last === undefined) return;
    c.houseAnswer[ordinal] = 0;
    const isStop = last.action === "stop" && last.state === "done";
    const results = { "x-iot": { ...(isStop && { stopped: at(c.stopped, ordinal) }), last_command: last } };
    const status = last.state === "done" ? 200 : statusOf(last.error);
    this.#ports.network.say(ordinal, { kind: "response", requestId: verdict.headers.request_id ?? "", response: { status, results } });
  }

  #begin(ordinal: number): void {
    const { columns: c } = this.#memory;
    const inMs = Math.max(0, at(c.houseStartMs, ordinal) - this.#events.nowMs(ordinal));
    c.houseDueMs[ordinal] = this.#ports.time.wakeIn(ordinal, inMs);
  }

  #stop(ordinal: number, name: string): void {
    const { columns: c } = this.#memory;
    const { fate, witness } = this.#ports;
    if (ALWAYS_RUNNING.includes(name)) throw new AgentError("ERR_AGENT_PROTECTED", "it is needed to receive commands");
    const index = fate.processes.findIndex((process) => process.name === name);
    const bits = at(c.running, ordinal);
    const isThere = index >= 0 && (bits & (1 << index)) !== 0;
    if (isThere) witness.runs(ordinal, (c.running[ordinal] = bits & ~(1 << index)));
    this.#finish(ordinal, { state: "done", stopped: Number(isThere) });
    if (isThere && fate.processes[index]?.isNeeded) this.#events.onLost(ordinal);
  }

  #finish(ordinal: number, end: HouseEnd): void {
    const { columns: c } = this.#memory;
    const number = at(c.house, ordinal);
    const { verdict } = this.#memory.frame(number) ?? {};
    c.house[ordinal] = 0;
    this.#memory.rememberHouse(ordinal, number - 1, end);
    c.houseAnswer[ordinal] = typeof verdict === "object" && finalRequest(verdict).requestId !== undefined ? 1 : 0;
    this.giveHeldAnswer(ordinal);
  }

  #told(ordinal: number, more: XIotResults): Response {
    const last = this.#memory.saidOfHouse(ordinal);
    return { status: 200, results: { "x-iot": { ...more, ...(last && { last_command: last }) } } };
  }
}

/** All that a simulated process can be known by. */
function nameOf({ name, ...others }: ProcessTarget): string {
  if (name === undefined || Object.keys(others).length > 0) throw new Error("a simulated process is known by its name alone");
  return name;
}
