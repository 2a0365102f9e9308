/** The stops and restarts that were accepted, side by side until each has ended: who may still be called off, and whether a restart is under way. */
import type { LastCommand } from "../../openc2/index.ts";
import type { HousekeepingJob } from "../state.ts";
import { type HousekeepingPorts, runHousekeeping } from "./job.ts";
import { lastCommandOf } from "./results.ts";

export interface HousekeeperPorts extends Omit<HousekeepingPorts, "onBegin"> {
  readonly onRestart: () => void;
  readonly onEnded: () => void;
  readonly onFault: (error: unknown) => void;
}

export class Housekeeper {
  readonly #ports: HousekeeperPorts;
  readonly #end = new AbortController();
  /** By command id: those that have not begun. */
  readonly #waiting = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();
  #isRestarting = false;

  constructor(ports: HousekeeperPorts) {
    this.#ports = ports;
  }

  get isRestarting(): boolean {
    return this.#isRestarting;
  }

  begin(job: HousekeepingJob): void {
    const calledOff = new AbortController();
    const isRestart = job.action === "restart";
    this.#waiting.set(job.commandId, calledOff);
    const onBegin = () => {
      this.#waiting.delete(job.commandId);
      this.#isRestarting ||= isRestart;
    };
    const signal = AbortSignal.any([this.#end.signal, calledOff.signal]);
    const { onRestart, onEnded, onFault } = this.#ports;
    const running = runHousekeeping(job, { ...this.#ports, onBegin }, signal).then((outcome) => {
      this.#waiting.delete(job.commandId);
      this.#running.delete(running);
      if (outcome === "restart") return onRestart();
      if (isRestart) this.#isRestarting = false;
      onEnded();
    }, onFault);
    this.#running.add(running);
  }

  /** False when it has begun, or is not here. */
  callOff(commandId: string): boolean {
    this.#waiting.get(commandId)?.abort(new Error("cancelled"));
    return this.#waiting.delete(commandId);
  }

  /** The newest that is under way, or the last that has ended. */
  lastCommand(): LastCommand | undefined {
    const { housekeeping = [], lastCommand } = this.#ports.states.current;
    const job = housekeeping.at(-1);
    return job === undefined ? lastCommand : lastCommandOf(job, this.#waiting.has(job.commandId) ? "queued" : "running");
  }

  /** Resolves when nothing is under way; whatever is not done is resumed by the next start. */
  async end(): Promise<void> {
    this.#end.abort(new Error("this life has ended"));
    await Promise.all(this.#running);
  }
}
