/**
 * A stop shows in nothing: a device does not start anew for it, and what it stopped is not in its inventory. So a device is settled when it
 * has kept its channel, or is back, after the time that makes a lost device, counted from its start: had something been stopped that it
 * needs, it would be away. A canary also has to answer, or to say what became of our command when it comes back.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../../campaign/campaign.ts";
import { limitsOf } from "../../campaign/commands/index.ts";
import type { Outcomes, Words } from "./outcomes.ts";

/** Times are kept to this part of what makes a lost device. */
const STEPS = 8;

export class StopOutcomes implements Outcomes {
  readonly done = new RoaringBitmap32();
  readonly failed = new RoaringBitmap32();
  readonly needless = new RoaringBitmap32();
  readonly #commandIds: Campaign["commandIds"];
  readonly #stepMs: number;
  readonly #patienceMs: number;
  readonly #canaries = new RoaringBitmap32();
  /** Sent the command for longer than the patience, and the others by the end of the step in which they were sent it. */
  readonly #patient = new RoaringBitmap32();
  readonly #waiting = new Map<number, RoaringBitmap32>();

  constructor({ commandIds, command, ladder: { lostAfterMs } }: Campaign) {
    this.#commandIds = commandIds;
    this.#stepMs = Math.max(1, lostAfterMs / STEPS);
    this.#patienceMs = lostAfterMs + (limitsOf(command).spread ?? 0);
  }

  noteSent(ordinal: number, commandId: string, atMs: number): void {
    if (commandId === this.#commandIds.canary) this.#canaries.add(ordinal);
    const endMs = (Math.floor(atMs / this.#stepMs) + 1) * this.#stepMs;
    const others = this.#waiting.get(endMs);
    if (others === undefined) this.#waiting.set(endMs, new RoaringBitmap32([ordinal]));
    else others.add(ordinal);
  }

  note(words: Words): void {
    const { ordinal } = words;
    const state = this.#stateIn(words);
    if (state === "done") {
      this.done.add(ordinal);
      this.failed.remove(ordinal);
    } else if (state === "failed") {
      this.failed.add(ordinal);
      this.done.remove(ordinal);
    }
  }

  settled(nowMs: number, away: RoaringBitmap32): RoaringBitmap32 {
    for (const [endMs, ordinals] of this.#waiting) {
      if (nowMs < endMs + this.#patienceMs) continue;
      this.#patient.orInPlace(ordinals);
      this.#waiting.delete(endMs);
    }
    const standing = RoaringBitmap32.andNot(this.#patient, away);
    standing.andNotInPlace(RoaringBitmap32.andNot(this.#canaries, this.done));
    return standing.orInPlace(this.failed);
  }

  /** What it says of our command, by name or by its answer. */
  #stateIn(words: Words): "done" | "failed" | undefined {
    const { canary, mass } = this.#commandIds;
    const last = words.lastCommand;
    if (last !== undefined && (last.command_id === canary || last.command_id === mass)) {
      if (last.state === "done") return "done";
      return last.state === "failed" || last.state === "cancelled" ? "failed" : undefined;
    }
    if (words.kind !== "response" || words.requestId !== canary) return undefined;
    return words.status === 200 ? "done" : words.status >= 400 ? "failed" : undefined;
  }
}
