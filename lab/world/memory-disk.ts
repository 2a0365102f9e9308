/**
 * A device's disk in memory, with what a power cut leaves of it: what was synced, or that and half of the write that was under way.
 * Same steps as the real one (agent/disk.ts).
 */
import { basename, dirname } from "node:path";
import { Disk } from "../../src/agent/index.ts";

export class NoPower extends Error {}

type Files = Map<string, Uint8Array>;

export class MemoryDisk extends Disk {
  #now: Files = new Map();
  #durable: Files = new Map();
  #stepsLeft = Number.POSITIVE_INFINITY;
  #isDark = false;
  /** Called when the power goes in the middle of a step. */
  onCut: () => void = () => {};

  constructor(files: Iterable<readonly [string, Uint8Array]>) {
    super();
    for (const [path, bytes] of files) this.#now.set(path, bytes);
    this.#durable = new Map(this.#now);
  }

  override async read(path: string): Promise<Uint8Array | undefined> {
    return this.#now.get(path);
  }

  override async list(path: string): Promise<readonly string[]> {
    return [...this.#now.keys()].filter((file) => dirname(file) === path).map((file) => basename(file));
  }

  override async size(path: string): Promise<number> {
    return this.#now.get(path)?.length ?? 0;
  }

  override async makeDirectory(): Promise<void> {}

  override async replace(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${path}.new`;
    await this.#write(temporary, new Uint8Array(0), bytes);
    await this.sync(temporary);
    await this.rename(temporary, path);
  }

  override async append(path: string, bytes: Uint8Array): Promise<void> {
    await this.#write(path, this.#now.get(path) ?? new Uint8Array(0), bytes);
  }

  override async sync(path: string): Promise<void> {
    await this.step({ kind: "sync", path }, async () => {
      const bytes = this.#now.get(path);
      if (bytes !== undefined) this.#durable.set(path, bytes);
    });
  }

  override async rename(from: string, to: string): Promise<void> {
    await this.step({ kind: "rename", path: to, from }, async () => move(this.#now, from, to));
    await this.step({ kind: "sync-directory", path: dirname(to) }, async () => {
      if (this.#durable.has(from)) move(this.#durable, from, to);
      for (const path of this.#durable.keys()) if (dirname(path) === dirname(to) && !this.#now.has(path)) this.#durable.delete(path);
    });
  }

  override async remove(path: string): Promise<void> {
    await this.step({ kind: "remove", path }, async () => {
      this.#now.delete(path);
    });
  }

  /** The power goes at the so-manyth step from now. */
  cutAfter(steps: number): void {
    this.#stepsLeft = steps;
  }

  /** The power goes at this instant. */
  cut(): void {
    this.#isDark = true;
    this.#stepsLeft = Number.POSITIVE_INFINITY;
  }

  /** The power is back. */
  restore(): void {
    if (this.#isDark) this.#now = new Map(this.#durable);
    this.#isDark = false;
  }

  /** The flash has lost a bit of this file. */
  damage(path: string): void {
    const bytes = this.#now.get(path);
    if (bytes === undefined) return;
    const damaged = Uint8Array.from(bytes, (byte, index) => (index === 0 ? byte ^ 1 : byte));
    this.#now.set(path, damaged);
    this.#durable.set(path, damaged);
  }

  file(path: string): Uint8Array | undefined {
    return this.#now.get(path);
  }

  protected override async step(_step: unknown, work: () => Promise<void>, torn?: () => Promise<void>): Promise<void> {
    if (this.#isDark) throw new NoPower("there is no power");
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return work();
    await torn?.();
    this.cut();
    this.onCut();
    throw new NoPower("the power has gone");
  }

  async #write(path: string, before: Uint8Array, bytes: Uint8Array): Promise<void> {
    const put = async (part: Uint8Array) => {
      this.#now.set(path, Uint8Array.from([...before, ...part]));
    };
    const torn = async () => {
      const half = bytes.subarray(0, bytes.length >> 1);
      await put(half);
      // Half of it had reached the disk.
      this.#durable.set(path, Uint8Array.from([...before, ...half]));
    };
    await this.step({ kind: "write", path }, () => put(bytes), torn);
  }
}

function move(files: Files, from: string, to: string): void {
  const bytes = files.get(from);
  if (bytes === undefined) return;
  files.delete(from);
  files.set(to, bytes);
}
