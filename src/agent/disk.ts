/**
 * The device's disk. Everything durable goes through here, in steps that a power cut can fall between: each is either not
 * there afterwards or wholly there. Tests override `step` and cut the power at every single one.
 */
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** One indivisible thing that a disk does, and to what. Before its sync a step may be undone by a power cut, in part or whole. */
export interface Step {
  readonly kind: "write" | "sync" | "rename" | "remove" | "make-directory" | "sync-directory";
  readonly path: string;
  /** Of a rename. */
  readonly from?: string;
}

export class Disk {
  /** The file's bytes, or undefined when there is none. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** The same, piece by piece; the file must be there. */
  chunks(path: string): AsyncIterable<Uint8Array> {
    return createReadStream(path);
  }

  /** Names in a directory; none when there is no such directory. */
  async list(path: string): Promise<readonly string[]> {
    try {
      return await readdir(path);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** bytes; 0 when there is no such file. */
  async size(path: string): Promise<number> {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  /** Durable when it resolves: what is synced in a directory is lost with a directory that was not. */
  async makeDirectory(path: string): Promise<void> {
    await this.step({ kind: "make-directory", path }, () => mkdir(path, { recursive: true }).then(() => undefined));
    await this.#syncDirectory(dirname(path));
  }

  /** After it resolves the file has these bytes, also after a power cut; before, it has what it had. `mode`: who may read it. */
  async replace(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
    const temporary = `${path}.new`;
    await this.#write(temporary, bytes, "w", mode);
    await this.sync(temporary);
    await this.rename(temporary, path);
  }

  /** Not durable before `sync`. */
  async append(path: string, bytes: Uint8Array): Promise<void> {
    await this.#write(path, bytes, "a");
  }

  async sync(path: string): Promise<void> {
    await this.step({ kind: "sync", path }, () => syncPath(path, "r+"));
  }

  /** Durable when it resolves. */
  async rename(from: string, to: string): Promise<void> {
    await this.step({ kind: "rename", path: to, from }, () => rename(from, to));
    await this.#syncDirectory(dirname(to));
  }

  async remove(path: string): Promise<void> {
    await this.step({ kind: "remove", path }, () => rm(path, { force: true }));
  }

  /** `torn` is what a power cut in the middle of it leaves behind. */
  protected async step(_step: Step, work: () => Promise<void>, _torn?: () => Promise<void>): Promise<void> {
    await work();
  }

  async #syncDirectory(path: string): Promise<void> {
    await this.step({ kind: "sync-directory", path }, () => syncPath(path, "r"));
  }

  async #write(path: string, bytes: Uint8Array, flag: "w" | "a", mode?: number): Promise<void> {
    const write = async (part: Uint8Array) => {
      const file = await open(path, flag, mode);
      try {
        await file.writeFile(part);
      } finally {
        await file.close();
      }
    };
    await this.step(
      { kind: "write", path },
      () => write(bytes),
      () => write(bytes.subarray(0, bytes.length >> 1)),
    );
  }
}

async function syncPath(path: string, flag: "r" | "r+"): Promise<void> {
  const file = await open(path, flag);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === "ENOENT";
}
