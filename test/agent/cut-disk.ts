/**
 * A disk whose power is cut at one step. What it leaves is either all that was done until then, with half of the write that was
 * under way ("kept"), or only what was synced ("lost"): bytes that no sync followed are gone, renames and removals whose
 * directory was not synced are undone. A real disk may leave anything in between.
 */
import { existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Disk, type Step } from "../../src/agent/index.ts";

export class PowerCut extends Error {}

export type Leaves = "kept" | "lost";

export class CutDisk extends Disk {
  readonly steps: Step[] = [];
  readonly #cutAt: number;
  readonly #leaves: Leaves;
  /** Files with bytes that were not synced: path -> bytes that were. */
  readonly #unsynced = new Map<string, number>();
  /** Directory entries that were not synced, oldest first. */
  #undo: { readonly directory: string; readonly work: () => void }[] = [];
  readonly #gone = Promise.withResolvers<void>();
  #isDark = false;

  /** At step 0 it is never cut, and counts. */
  constructor(cutAt: number, leaves: Leaves = "kept") {
    super();
    this.#cutAt = cutAt;
    this.#leaves = leaves;
  }

  /** Resolves when the power has gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  protected override async step(step: Step, work: () => Promise<void>, torn?: () => Promise<void>): Promise<void> {
    if (this.#isDark) throw new PowerCut("there is no power");
    this.steps.push(step);
    if (this.steps.length !== this.#cutAt) {
      if (this.#leaves === "lost") this.#note(step);
      await work();
      return this.#settle(step);
    }
    this.#isDark = true;
    if (this.#leaves === "kept") await torn?.();
    else this.#lose();
    this.#gone.resolve();
    throw new PowerCut(`cut at step ${this.#cutAt}, a ${step.kind} of ${step.path}`);
  }

  /** What would have to be done to take this step back. */
  #note({ kind, path, from = "" }: Step): void {
    const undo = (work: () => void) => this.#undo.push({ directory: dirname(path), work });
    const bytes = () => (existsSync(path) ? readFileSync(path) : undefined);
    switch (kind) {
      case "write":
        // A file that replaces another is written anew, every other one is appended to.
        if (!this.#unsynced.has(path)) this.#unsynced.set(path, path.endsWith(".new") ? 0 : (bytes()?.length ?? 0));
        return;
      case "rename": {
        const before = bytes();
        undo(() => {
          renameSync(path, from);
          if (before !== undefined) writeFileSync(path, before);
        });
        return;
      }
      case "remove": {
        const before = bytes();
        if (before !== undefined) undo(() => writeFileSync(path, before));
        return;
      }
      case "make-directory":
        if (!existsSync(path)) undo(() => rmSync(path, { recursive: true, force: true }));
        return;
      case "sync":
      case "sync-directory":
        return;
    }
  }

  /** What a step that was done leaves to be lost. */
  #settle({ kind, path, from = "" }: Step): void {
    if (kind === "sync") this.#unsynced.delete(path);
    if (kind === "sync-directory") this.#undo = this.#undo.filter(({ directory }) => directory !== path);
    if (kind === "rename") {
      const bytes = this.#unsynced.get(from);
      if (bytes !== undefined) this.#unsynced.set(path, bytes);
      this.#unsynced.delete(from);
    }
  }

  /** The step under way never happened; nor did what was not synced. */
  #lose(): void {
    for (const { work } of this.#undo.toReversed()) work();
    for (const [file, bytes] of this.#unsynced) {
      if (!existsSync(file)) continue;
      if (bytes === 0) rmSync(file);
      else truncateSync(file, bytes);
    }
  }
}
