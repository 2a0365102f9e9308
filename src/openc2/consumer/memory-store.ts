/** A store that forgets when the process ends: for tests, and for consumers that may lose what they accepted. Pure. */
import { type CommandStore, isFinal, type Kept } from "./store.ts";

export class MemoryStore implements CommandStore {
  readonly #unfinished = new Map<number, Kept>();
  readonly #finished = new Map<number, Kept>();
  readonly #seqsById = new Map<string, Set<number>>();
  #lastSeq = 0;

  add(given: Omit<Kept, "seq">): Kept {
    this.#lastSeq += 1;
    const kept = { ...given, seq: this.#lastSeq };
    this.update(kept);
    if (kept.id !== undefined) this.#seqsById.set(kept.id, (this.#seqsById.get(kept.id) ?? new Set()).add(kept.seq));
    return kept;
  }

  update(kept: Kept): void {
    if (isFinal(kept)) this.#unfinished.delete(kept.seq);
    (isFinal(kept) ? this.#finished : this.#unfinished).set(kept.seq, kept);
  }

  get(seq: number): Kept | undefined {
    return this.#unfinished.get(seq) ?? this.#finished.get(seq);
  }

  byId(id: string): readonly Kept[] {
    return [...(this.#seqsById.get(id) ?? [])].flatMap((seq) => this.get(seq) ?? []);
  }

  due(nowMs: number): Kept | undefined {
    return this.#waiting().find(({ startMs }) => startMs <= nowMs);
  }

  nextDueMs(): number | undefined {
    return this.#waiting()[0]?.startMs;
  }

  running(): readonly Kept[] {
    return [...this.#unfinished.values()].filter(({ state }) => state === "running");
  }

  unfinished(peer?: string): number {
    if (peer === undefined) return this.#unfinished.size;
    return [...this.#unfinished.values()].filter((kept) => kept.peer === peer).length;
  }

  forgetFinishedBefore(atMs: number): void {
    this.#forget([...this.#finished.values()].filter(({ finishedMs = 0 }) => finishedMs < atMs));
  }

  forgetAllBut(newest: number, peer: string): void {
    const finished = [...this.#finished.values()].filter((kept) => kept.peer === peer).sort((a, b) => a.seq - b.seq);
    this.#forget(finished.slice(0, Math.max(0, finished.length - newest)));
  }

  async synced(): Promise<void> {
    // There is no disk.
  }

  #waiting(): readonly Kept[] {
    const waiting = [...this.#unfinished.values()].filter(({ state }) => state === "waiting");
    return waiting.sort((a, b) => a.startMs - b.startMs || a.seq - b.seq);
  }

  #forget(forgotten: readonly Kept[]): void {
    for (const { seq, id = "" } of forgotten) {
      this.#finished.delete(seq);
      const seqs = this.#seqsById.get(id);
      seqs?.delete(seq);
      if (seqs?.size === 0) this.#seqsById.delete(id);
    }
  }
}
