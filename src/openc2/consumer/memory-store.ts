/** A store that forgets when the process ends: for tests, and for consumers that may lose what they accepted. Pure. */
import { type CommandStore, isFinal, type Kept } from "./store.ts";

export class MemoryStore implements CommandStore {
  readonly #kept = new Map<number, Kept>();
  #lastSeq = 0;

  add(given: Omit<Kept, "seq">): Kept {
    this.#lastSeq += 1;
    const kept = { ...given, seq: this.#lastSeq };
    this.#kept.set(kept.seq, kept);
    return kept;
  }

  update(kept: Kept): void {
    this.#kept.set(kept.seq, kept);
  }

  get(seq: number): Kept | undefined {
    return this.#kept.get(seq);
  }

  byId(id: string): readonly Kept[] {
    return this.#where((kept) => kept.id === id);
  }

  due(nowMs: number): Kept | undefined {
    return this.#waiting().find(({ startMs }) => startMs <= nowMs);
  }

  nextDueMs(): number | undefined {
    return this.#waiting()[0]?.startMs;
  }

  running(): readonly Kept[] {
    return this.#where(({ state }) => state === "running");
  }

  unfinished(peer?: string): number {
    return this.#where((kept) => !isFinal(kept) && (peer === undefined || kept.peer === peer)).length;
  }

  forgetFinishedBefore(atMs: number): void {
    this.#forget(this.#where((kept) => isFinal(kept) && (kept.finishedMs ?? 0) < atMs));
  }

  forgetAllBut(newest: number, peer: string): void {
    const finished = this.#where((kept) => isFinal(kept) && kept.peer === peer);
    this.#forget(finished.slice(0, Math.max(0, finished.length - newest)));
  }

  async synced(): Promise<void> {
    // There is no disk.
  }

  #waiting(): readonly Kept[] {
    return this.#where(({ state }) => state === "waiting").sort((a, b) => a.startMs - b.startMs || a.seq - b.seq);
  }

  #forget(forgotten: readonly Kept[]): void {
    for (const { seq } of forgotten) this.#kept.delete(seq);
  }

  #where(isWanted: (kept: Kept) => boolean): Kept[] {
    return [...this.#kept.values()].filter(isWanted);
  }
}
