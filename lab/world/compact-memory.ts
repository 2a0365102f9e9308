/** What compact devices remember, read and written in the agent's words: ids, states, images, manifests instead of numbers. */
import { lastCommandOf } from "../../src/agent/housekeeping/results.ts";
import { lastUpdateOf } from "../../src/agent/inventory.ts";
import type { DeviceConfig } from "../../src/agent/index.ts";
import type { Manifest } from "../../src/agent/installer.ts";
import type { DeviceState } from "../../src/agent/state.ts";
import { softwareOf } from "../../src/agent/update-check.ts";
import type { LastCommand, LastUpdate, UpdateState } from "../../src/openc2/index.ts";
import { HOUSEKEEPING_STATES } from "../../src/openc2/profiles/x-iot/model.ts";
import { UPDATE_STATES } from "../../src/openc2/profiles/x-swup/model.ts";
import { raiseFloor } from "../../src/trust/counters.ts";
import { configOf, deviceId, type Image, type Kind, KINDS, manifestOf, MODEL, VENDOR } from "./catalogue.ts";
import { at, Columns } from "./device-columns.ts";
import type { Frame } from "./frames.ts";

/** Of the job's phase, as a query hears of it. */
const SAID_OF_PHASE: readonly UpdateState[] = ["queued", "queued", "downloading", "downloading"];
/** Bits in a number: a world sends fewer commands than that. */
const COMMANDS_MAX = 31;

export class CompactMemory {
  readonly columns: Columns;
  /** By number: each command that any device ever remembered. */
  readonly #commandIds: string[] = [];
  readonly #frames: (Frame | undefined)[] = [];
  readonly #errors: string[] = [""];

  constructor(count: number) {
    this.columns = new Columns(count);
  }

  /** The number of a command, from 0; columns keep it plus one. */
  numberOf(commandId: string, frame: Frame | undefined): number {
    let number = this.#commandIds.indexOf(commandId);
    if (number < 0) number = this.#commandIds.push(commandId) - 1;
    if (number >= COMMANDS_MAX) throw new Error(`a world of more than ${COMMANDS_MAX} commands`);
    if (frame !== undefined) this.#frames[number] ??= frame;
    return number;
  }

  /** As a column has it. */
  frame(numberPlusOne: number): Frame | undefined {
    return this.#frames[numberPlusOne - 1];
  }

  hasSeen(ordinal: number, number: number): boolean {
    return (at(this.columns.seen, ordinal) & (1 << number)) !== 0;
  }

  see(ordinal: number, number: number): void {
    this.columns.seen[ordinal] = at(this.columns.seen, ordinal) | (1 << number);
  }

  /** Newest first, as far as numbers tell. */
  seenIds(ordinal: number): readonly string[] {
    return this.#commandIds.filter((_, number) => this.hasSeen(ordinal, number)).toReversed();
  }

  remember(ordinal: number, number: number, state: UpdateState, error: string): void {
    this.columns.lastCommand[ordinal] = number + 1;
    this.columns.lastState[ordinal] = UPDATE_STATES.indexOf(state);
    this.columns.lastError[ordinal] = this.#errorNumber(error);
  }

  /** The same of a stop or restart. */
  rememberHouse(ordinal: number, number: number, state: LastCommand["state"], error = ""): void {
    const c = this.columns;
    c.lastHouse[ordinal] = number + 1;
    c.lastHouseState[ordinal] = HOUSEKEEPING_STATES.indexOf(state);
    c.lastHouseError[ordinal] = this.#errorNumber(error);
  }

  lastCommand(ordinal: number): LastCommand | undefined {
    const c = this.columns;
    const number = at(c.lastHouse, ordinal) - 1;
    const error = this.#errors[at(c.lastHouseError, ordinal)];
    return number < 0
      ? undefined
      : this.commandOf(number, HOUSEKEEPING_STATES[at(c.lastHouseState, ordinal)] ?? "failed", error || undefined);
  }

  /** What is said of a stop or restart. */
  commandOf(number: number, state: LastCommand["state"], error?: string): LastCommand {
    const { verdict } = this.frame(number + 1) ?? {};
    const isRestart = typeof verdict === "object" && verdict.command.action === "restart";
    return lastCommandOf({ commandId: this.#commandIds[number] ?? "", action: isRestart ? "restart" : "stop" }, state, error);
  }

  lastUpdate(ordinal: number): LastUpdate | undefined {
    const c = this.columns;
    const number = at(c.lastCommand, ordinal) - 1;
    if (number < 0) return undefined;
    const error = this.#errors[at(c.lastError, ordinal)];
    const job = { commandId: this.#commandIds[number] ?? "", newVersion: this.#newVersion(number + 1) };
    return lastUpdateOf(job, UPDATE_STATES[at(c.lastState, ordinal)] ?? "failed", error || undefined);
  }

  /** What a query hears: of the update under way, or of the last. */
  saidOfJob(ordinal: number): LastUpdate | undefined {
    const c = this.columns;
    const job = at(c.job, ordinal);
    if (job === 0) return this.lastUpdate(ordinal);
    const state = SAID_OF_PHASE[at(c.phase, ordinal)] ?? "queued";
    return lastUpdateOf({ commandId: this.#commandIds[job - 1] ?? "", newVersion: this.#newVersion(job) }, state);
  }

  /** The part of the state that agreeOn looks at. */
  floors(ordinal: number): DeviceState {
    const counter = at(this.columns.counterFloor, ordinal);
    const floors = counter === 0 ? {} : raiseFloor({}, VENDOR, MODEL, counter);
    return { version: 1, boot: 0, active: "a", seen: [], floors, timeFloorMs: 0 };
  }

  spareSlot(ordinal: number): Uint8Array {
    const c = this.columns;
    return at(c.active, ordinal) === 0 ? c.slotB : c.slotA;
  }

  /** What runs. */
  image(ordinal: number): Image {
    const c = this.columns;
    return at(at(c.active, ordinal) === 0 ? c.slotA : c.slotB, ordinal) as Image;
  }

  /** What lies in the other slot. */
  spareImage(ordinal: number): Image {
    return at(this.spareSlot(ordinal), ordinal) as Image;
  }

  manifest(ordinal: number): Manifest {
    return manifestOf(this.image(ordinal), this.kind(ordinal));
  }

  config(ordinal: number): DeviceConfig {
    return configOf(deviceId(ordinal), this.kind(ordinal), 0);
  }

  kind(ordinal: number): Kind {
    const kind = KINDS[at(this.columns.kind, ordinal)];
    if (kind === undefined) throw new Error(`device ${ordinal} is of no kind`);
    return kind;
  }

  #errorNumber(error: string): number {
    const known = this.#errors.indexOf(error);
    return known < 0 ? this.#errors.push(error) - 1 : known;
  }

  #newVersion(numberPlusOne: number): string {
    const { verdict } = this.frame(numberPlusOne) ?? {};
    return typeof verdict === "object" ? (softwareOf(verdict).new_version ?? "") : "";
  }
}
