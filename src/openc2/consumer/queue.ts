/**
 * The life of an accepted command: it waits for its time and its turn, runs, and ends with a response, across restarts. Every step is
 * in the store before anything depends on it. What may be accepted at all, and what is said to whom, is decided elsewhere. Pure.
 */
import { validateCommand } from "../command.ts";
import { EdictError } from "../edict-error.ts";
import { readJson } from "../json/read.ts";
import type { Command, JsonObject, Response, Validated } from "../model.ts";
import { quoted } from "../shape.ts";
import { ConsumerError } from "./errors.ts";
import type { Observer } from "./events.ts";
import { ACCEPTANCES_PER_PRUNE, ATTEMPTS_MAX, PRUNE_MS, REMEMBERED_MS, REMEMBERED_PER_PEER_MAX, STORE_RETRY_MS } from "./limits.ts";
import type { Registry } from "./registry.ts";
import { failed, type Runner } from "./runner.ts";
import type { CommandStore, Kept } from "./store.ts";
import { isOver, type Times } from "./times.ts";

export interface QueuePorts {
  readonly store: CommandStore;
  readonly registry: Registry;
  readonly runner: Runner;
  readonly runningMax: number;
  readonly nowMs: () => number;
  readonly mayCancel: (peer: string, owner: string) => boolean;
  readonly tell: Observer;
  readonly onChange: () => void;
}

/** Who sent a command, when, and under which ids. */
export type Sender = Pick<Kept, "peer" | "id" | "requestId" | "receivedMs">;

type Ending = "done" | "cancelled" | "expired";

const WAITING = { state: "waiting", attempts: 0 } as const;
const BEGUN = { state: "running", attempts: 1 } as const;
const PROCESSING: Response = { status: 102 };

const encoder = new TextEncoder();

export class CommandQueue {
  readonly #ports: QueuePorts;
  readonly #running = new Set<number>();
  readonly #waiters = new Map<number, PromiseWithResolvers<Response>>();
  /** Ended, but the store did not take it yet. */
  readonly #unsaved = new Map<number, Kept>();
  #isRecovered = false;
  #storeRetryMs = 0;
  #pruneMs = 0;

  constructor(ports: QueuePorts) {
    this.#ports = ports;
  }

  /** What is remembered of this id: the peer's own command, or a cancellation that came before it. */
  find(id: string, peer: string): Kept | undefined {
    const all = this.#ports.store.byId(id);
    return (
      all.find((kept) => kept.peer === peer) ?? all.find((kept) => kept.command === undefined && this.#ports.mayCancel(kept.peer, peer))
    );
  }

  /**
   * Puts it in the store, and begins it if its time has come and there is room. A cancel needs none: behind what it calls off it would
   * come too late. It is accepted when the store's next sync resolves.
   */
  add(command: Validated<Command>, sender: Sender, times: Times): Kept {
    const { store, runningMax, onChange } = this.#ports;
    const isRoom = isCancel(command) || this.#running.size < runningMax;
    const begin = times.startMs <= sender.receivedMs && isRoom ? BEGUN : WAITING;
    const kept = store.add({ ...sender, ...times, command: JSON.stringify(command), ...begin });
    if (begin === BEGUN) void this.#run(kept);
    if (kept.seq % ACCEPTANCES_PER_PRUNE === 0) store.forgetAllBut(REMEMBERED_PER_PEER_MAX, kept.peer);
    onChange();
    return kept;
  }

  /** Its final response; 102 while there is none. */
  status(seq: number): Response {
    return (this.#unsaved.get(seq) ?? this.#ports.store.get(seq))?.response ?? PROCESSING;
  }

  /** How it ended, or will end. */
  async outcome(seq: number): Promise<Response> {
    const response = this.status(seq);
    if (response.status === 102) {
      const waiter = this.#waiters.get(seq) ?? Promise.withResolvers<Response>();
      this.#waiters.set(seq, waiter);
      return waiter.promise;
    }
    await this.#ports.store.synced().catch(() => undefined);
    return response;
  }

  /** Begins what is due, as far as there is room. */
  tick(nowMs: number): void {
    if (nowMs < this.#storeRetryMs) return;
    try {
      for (const kept of this.#unsaved.values()) void this.#save(kept);
      if (!this.#isRecovered) this.#recover();
      if (nowMs >= this.#pruneMs) this.#prune(nowMs);
      while (this.#running.size < this.#ports.runningMax && nowMs >= this.#storeRetryMs) {
        const kept = this.#ports.store.due(nowMs);
        if (kept === undefined) break;
        if (isOver(kept, nowMs)) void this.#end(kept, "expired", failed(new ConsumerError("ERR_CONSUMER_EXPIRED", "its stop has passed")));
        else this.#begin(kept);
      }
    } catch (cause) {
      this.#storeFailed(cause);
    }
    this.#ports.onChange();
  }

  nextDueMs(): number | undefined {
    const dueMs = this.#running.size < this.#ports.runningMax ? this.#ports.store.nextDueMs() : undefined;
    if (this.#unsaved.size > 0 || !this.#isRecovered) return this.#storeRetryMs;
    return dueMs === undefined ? undefined : Math.max(dueMs, this.#storeRetryMs);
  }

  #begin(waiting: Kept): void {
    const kept: Kept = { ...waiting, state: "running", attempts: waiting.attempts + 1 };
    this.#ports.store.update(kept);
    void this.#run(kept);
  }

  /** When it is on disk that it runs. Never rejects. */
  async #run(kept: Kept): Promise<void> {
    const { seq, peer, id, attempts: attempt } = kept;
    const { store, tell, nowMs } = this.#ports;
    this.#running.add(seq);
    try {
      await store.synced();
    } catch (cause) {
      // Undone: it waits again, or was never accepted.
      this.#running.delete(seq);
      this.#storeFailed(cause);
      return;
    }
    tell({ kind: "started", seq, peer, ...(id !== undefined && { id }), attempt });
    const response = await this.#perform(kept);
    this.#running.delete(seq);
    await this.#end(kept, "done", response);
    this.tick(nowMs());
  }

  async #perform(kept: Kept): Promise<Response> {
    const { registry, runner, nowMs, tell } = this.#ports;
    try {
      // From its text, now as after a restart; this build may no longer know the profile.
      const command = validateCommand(readJson(encoder.encode(kept.command)), { profiles: registry.profiles });
      if (isCancel(command)) {
        const id = String((command.target as JsonObject)["command"]);
        if (await this.#cancel(id, kept.peer)) return { status: 200 };
        // A profile may still call off what has begun.
        if (registry.select(command).length === 0)
          throw new ConsumerError("ERR_CONSUMER_NOTHING_TO_CANCEL", `there is no ${quoted(id)} that could be cancelled`);
      }
      const { peer, id, requestId, receivedMs, startMs, stopMs, attempts: attempt } = kept;
      const context = {
        peer,
        receivedMs,
        startMs,
        attempt,
        ...(id !== undefined && { id }),
        ...(requestId !== undefined && { requestId }),
      };
      return await runner.run(command, { ...context, ...(stopMs !== undefined && { stopMs }) }, nowMs());
    } catch (error) {
      if (error instanceof EdictError) return failed(error);
      tell({ kind: "fault", cause: error });
      return failed(new ConsumerError("ERR_CONSUMER_FAULT", "this consumer failed"));
    }
  }

  /** Calls off what has not begun. What has not even arrived is remembered, so that it does nothing when it does. */
  async #cancel(id: string, peer: string): Promise<boolean> {
    const { store, mayCancel, nowMs } = this.#ports;
    const found = store.byId(id).filter((kept) => mayCancel(peer, kept.peer));
    const waiting = found.filter(({ state }) => state === "waiting");
    const cancelled = failed(new ConsumerError("ERR_CONSUMER_CANCELLED", `${quoted(id)} was cancelled`));
    for (const kept of waiting) void this.#end(kept, "cancelled", cancelled);
    if (found.length === 0) {
      const atMs = nowMs();
      const times = { receivedMs: atMs, startMs: atMs, finishedMs: atMs };
      store.add({ peer, id, ...times, state: "cancelled", attempts: 0, response: cancelled });
    }
    // Nothing is said to be called off before it would stay so after a restart.
    await store.synced();
    return waiting.length > 0;
  }

  async #end(kept: Kept, state: Ending, response: Response): Promise<void> {
    const { seq, peer, id } = kept;
    await this.#save({ ...kept, state, response, finishedMs: this.#ports.nowMs() });
    this.#waiters.get(seq)?.resolve(response);
    this.#waiters.delete(seq);
    this.#ports.tell({ kind: "ended", seq, peer, ...(id !== undefined && { id }), state, status: response.status });
  }

  /** Whether or not the store takes it now, the command has ended; if it never does, the next process does it again. */
  async #save(kept: Kept): Promise<void> {
    try {
      this.#ports.store.update(kept);
      await this.#ports.store.synced();
      this.#unsaved.delete(kept.seq);
    } catch (cause) {
      this.#unsaved.set(kept.seq, kept);
      this.#storeFailed(cause);
    }
  }

  /** What the store calls running and does not run: the last process had it, or a sync failed. */
  #recover(): void {
    const isOurs = ({ seq }: Kept) => this.#running.has(seq) || this.#unsaved.has(seq);
    for (const kept of this.#ports.store.running().filter((kept) => !isOurs(kept))) {
      if (kept.attempts < ATTEMPTS_MAX) this.#ports.store.update({ ...kept, state: "waiting" });
      else void this.#end(kept, "done", failed(new ConsumerError("ERR_CONSUMER_INTERRUPTED", `it was begun ${kept.attempts} times`)));
    }
    this.#isRecovered = true;
  }

  #prune(nowMs: number): void {
    this.#pruneMs = nowMs + PRUNE_MS;
    this.#ports.store.forgetFinishedBefore(nowMs - REMEMBERED_MS);
  }

  #storeFailed(cause: unknown): void {
    this.#storeRetryMs = this.#ports.nowMs() + STORE_RETRY_MS;
    this.#isRecovered = false;
    this.#ports.tell({ kind: "fault", cause });
    this.#ports.onChange();
  }
}

export function isCancel({ action, target }: Command): boolean {
  return action === "cancel" && "command" in target;
}
