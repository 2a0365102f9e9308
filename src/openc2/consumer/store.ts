/**
 * Where accepted commands are kept, so that none is lost or done twice. Calls take effect at once for whoever reads through the
 * same store, and are on disk when `synced` resolves: a store may so write many commands with one sync. Pure.
 */
import type { Response } from "../model.ts";

/** `waiting` for its time or its turn; `running`; the others are final and have a response. */
export type KeptState = "waiting" | "running" | "done" | "cancelled" | "expired";

export interface Kept {
  /** Order of acceptance. */
  readonly seq: number;
  readonly peer: string;
  /** command_id, or request_id where there was none (LS 1.0 §3.3.1); absent if the producer gave neither. */
  readonly id?: string;
  readonly requestId?: string;
  /** The command as JSON text. Absent if only its cancellation has arrived. */
  readonly command?: string;
  readonly receivedMs: number;
  readonly startMs: number;
  /** Absent means never. */
  readonly stopMs?: number;
  readonly state: KeptState;
  /** How often it was begun. */
  readonly attempts: number;
  readonly response?: Response;
  readonly finishedMs?: number;
}

export interface CommandStore {
  /** Gives it the next number. */
  add(kept: Omit<Kept, "seq">): Kept;
  /** Replaces what has this number. */
  update(kept: Kept): void;
  get(seq: number): Kept | undefined;
  /** Of all peers, in order of acceptance. */
  byId(id: string): readonly Kept[];
  /** The waiting one whose time has come, earliest start first, then in order of acceptance. */
  due(nowMs: number): Kept | undefined;
  /** The earliest start of those that wait. */
  nextDueMs(): number | undefined;
  /** After a restart: those that the last process did not finish. */
  running(): readonly Kept[];
  /** How many wait or run, of one peer or of all. */
  unfinished(peer?: string): number;
  /** Forgets those that finished before this time. */
  forgetFinishedBefore(atMs: number): void;
  /** Forgets all but the newest of a peer's finished ones. */
  forgetAllBut(newest: number, peer: string): void;
  /** Resolves when everything so far is on disk. Rejects when it is not: then all since the last sync is undone. */
  synced(): Promise<void>;
}

export function isFinal({ state }: Kept): boolean {
  return state !== "waiting" && state !== "running";
}
