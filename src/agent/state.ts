/**
 * Everything that a device remembers, in one file that is only ever replaced whole: so no two facts can disagree after a
 * power cut. Which slot boots, what is on trial, what is being done, what was done, and what must never be done again.
 */
import type { LastCommand, LastUpdate, Response } from "../openc2/index.ts";
import type { CounterFloors } from "../trust/counters.ts";
import type { Disk } from "./disk.ts";
import { AgentError } from "./errors.ts";

export type Slot = "a" | "b";

/** An accepted update, until it has ended. */
export interface Job {
  readonly commandId: string;
  /** Set when a final answer is wanted. */
  readonly requestId?: string;
  readonly startAtMs: number;
  readonly notAfterMs: number;
  readonly newVersion: string;
  /** Why there was no delta for it, as a code: then the full image is taken, after a restart too. */
  readonly withoutDelta?: string;
  /** The signed command in base64url: verified again before anything is fetched or switched, by what is believed then. */
  readonly frame: string;
}

/** An accepted stop or restart, until it has ended. */
export interface HousekeepingJob {
  readonly commandId: string;
  readonly action: LastCommand["action"];
  /** Set when a final answer is wanted. */
  readonly requestId?: string;
  readonly startAtMs: number;
  /** The signed command in base64url: verified again before anything is done, by what is believed then. */
  readonly frame: string;
  /** Set before a restart is done: it is not done again, whatever comes between. */
  readonly isRestarting?: true;
}

export interface HeldAnswer {
  readonly requestId: string;
  readonly response: Response;
}

export interface DeviceState {
  readonly version: 1;
  /** How often the device has started. */
  readonly boot: number;
  /** The slot that is known to be good. */
  readonly active: Slot;
  /** Set by the switch: this slot boots next, until it is marked good or has used its boots. */
  readonly trial?: { readonly slot: Slot; readonly bootsLeft: number };
  readonly job?: Job;
  readonly lastUpdate?: LastUpdate;
  /** Answers that could not be given yet, because a reboot or a lost channel lies between; one for each job at most. */
  readonly answers?: readonly HeldAnswer[];
  readonly housekeeping?: readonly HousekeepingJob[];
  readonly lastCommand?: LastCommand;
  /** Of each restart that was ever accepted, until it has expired: one that was forgotten could be ordered again by whoever kept it. */
  readonly restarts?: readonly { readonly commandId: string; readonly notAfterMs: number }[];
  readonly seen: readonly string[];
  readonly floors: CounterFloors;
  readonly timeFloorMs: number;
}

export class StateFile {
  readonly #disk: Disk;
  readonly #path: string;
  #state: DeviceState | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Throws ERR_AGENT_STATE when the file is missing or damaged, which no power cut can cause. */
  async load(): Promise<DeviceState> {
    const bytes = await this.#disk.read(this.#path);
    if (bytes === undefined) throw new AgentError("ERR_AGENT_STATE", `${this.#path} is missing`);
    try {
      const state = JSON.parse(new TextDecoder().decode(bytes)) as DeviceState;
      if (state.version !== 1) throw new Error(`it has version ${String(state.version)}`);
      this.#state = state;
      return state;
    } catch (cause) {
      throw new AgentError("ERR_AGENT_STATE", `${this.#path} cannot be read`, { cause });
    }
  }

  get current(): DeviceState {
    if (this.#state === undefined) throw new AgentError("ERR_AGENT_STATE", "the state was not loaded");
    return this.#state;
  }

  /** Durable when it resolves; members that are undefined are removed. One change after the other: each sees the one before. */
  update(change: StateChange | ((state: DeviceState) => StateChange)): Promise<DeviceState> {
    const changed = this.#last.then(() => this.#replace(typeof change === "function" ? change(this.current) : change));
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  async #replace(change: StateChange): Promise<DeviceState> {
    const members = Object.entries({ ...this.current, ...change }).filter(([, value]) => value !== undefined);
    const state: unknown = Object.fromEntries(members);
    await this.#disk.replace(this.#path, encodeState(state as DeviceState));
    this.#state = state as DeviceState;
    return this.#state;
  }
}

export type StateChange = { readonly [member in keyof DeviceState]?: DeviceState[member] | undefined };

export function encodeState(state: DeviceState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state));
}
