/**
 * Imports of devices, of any size (ADR 36). What arrives is first written beside the database, then checked to its last line, then kept
 * block by block; each block commits together with how far the file is kept. So a file that is wrong anywhere changes nothing, and one
 * that is right is kept whole, whatever is killed on the way: `resume` goes on with it. One import at a time.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FleetError } from "../errors.ts";
import { IMPORT_BYTES_MAX } from "../limits.ts";
import { type Position, readBlocks, START } from "./blocks.ts";
import type { ImportJob, ImportStore } from "./import-job.ts";
import type { ImportFormat } from "./reader.ts";

const ARRIVING = ".part";

export interface ImportDeskOptions {
  readonly store: ImportStore;
  /** Where files wait until they are kept. */
  readonly directory: string;
  /** Only this tenant's devices are taken. */
  readonly tenant: string;
  readonly nowMs: () => number;
  /** What is done with an error that is no refusal: the import stays unfinished and is taken up at the next start. */
  readonly onFault: (error: unknown, id: string) => void;
}

export class ImportDesk {
  readonly #options: ImportDeskOptions;
  /** How far files are checked: lost with the process, for checking starts anew. */
  readonly #checked = new Map<string, Position>();
  readonly #running = new Map<string, Promise<void>>();
  /** Why an import stands still until the next start, e.g. a full disk: whoever waits for it must hear of it. */
  readonly #faults = new Map<string, string>();
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ImportDeskOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    // Nobody will send the rest of what a kill cut off.
    for (const name of readdirSync(options.directory)) if (name.endsWith(ARRIVING)) rmSync(join(options.directory, name));
  }

  /** Goes on with what a kill left unfinished. */
  resume(): void {
    for (const { id } of this.#options.store.unfinishedImports()) this.#enqueue(id);
  }

  /** Takes a file in and begins with it. Throws ERR_FLEET_IMPORT_SIZE; nothing is left of it then. */
  async receive(chunks: AsyncIterable<Uint8Array>, format: ImportFormat, who: string): Promise<ImportJob> {
    const { store, directory, nowMs } = this.#options;
    const id = crypto.randomUUID();
    const arriving = join(directory, `${id}${ARRIVING}`);
    try {
      const bytes = await spool(chunks, arriving);
      const job = store.openImport({ id, format, who, bytes, startedMs: nowMs() });
      renameSync(arriving, this.#path(job));
      this.#enqueue(job.id);
      return job;
    } finally {
      rmSync(arriving, { force: true });
    }
  }

  /** Throws ERR_FLEET_IMPORT_STOPPED. */
  view(id: string): ImportJob | undefined {
    const fault = this.#faults.get(id);
    if (fault !== undefined) throw new FleetError("ERR_FLEET_IMPORT_STOPPED", `import ${id} cannot go on: ${fault}`);
    const job = this.#options.store.import(id);
    return job?.state === "checking" ? { ...job, position: this.#checked.get(id) ?? START } : job;
  }

  /** Until it has ended, or for so long. Throws as `view`. */
  async wait(id: string, patienceMs: number): Promise<ImportJob | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([this.#running.get(id), patience]);
    clearTimeout(timer);
    return this.view(id);
  }

  /** After the block at hand; the rest is for `resume`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#last;
  }

  #enqueue(id: string): void {
    const run = this.#last.then(() => this.#run(id));
    this.#last = run;
    this.#running.set(id, run);
    void run.then(() => this.#running.delete(id));
  }

  async #run(id: string): Promise<void> {
    const { store, nowMs, onFault } = this.#options;
    try {
      const job = store.import(id);
      if (job === undefined || this.#isStopped) return;
      if (!existsSync(this.#path(job))) throw new FleetError("ERR_FLEET_IMPORT_LOST", `import ${id}: its file is gone`);
      if (job.state === "checking") await this.#check(job);
      if (!this.#isStopped) await this.#keep(job);
    } catch (error) {
      if (!(error instanceof FleetError)) {
        this.#faults.set(id, error instanceof Error ? error.message : String(error));
        return onFault(error, id);
      }
      store.endImport(id, nowMs(), { code: error.code, message: error.message });
    } finally {
      this.#checked.delete(id);
      const ended = store.import(id);
      if (ended?.endedMs !== undefined) rmSync(this.#path(ended), { force: true });
    }
  }

  async #check(job: ImportJob): Promise<void> {
    const { store, tenant } = this.#options;
    for (const { end } of readBlocks(this.#path(job), job.format, { tenant })) {
      this.#checked.set(job.id, end);
      await others();
      if (this.#isStopped) return;
    }
    store.startKeeping(job.id);
  }

  async #keep(job: ImportJob): Promise<void> {
    const { store, tenant, nowMs } = this.#options;
    const from = store.import(job.id)?.position ?? START;
    for (const { devices, end } of readBlocks(this.#path(job), job.format, { tenant, from })) {
      store.keepBlock(job, devices, end);
      await others();
      if (this.#isStopped) return;
    }
    store.endImport(job.id, nowMs());
  }

  #path({ id, format }: ImportJob): string {
    return join(this.#options.directory, `${id}.${format}`);
  }
}

/** Lets whatever else the process has to do go first, between one block and the next. */
function others(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** On disk when it returns, so that what is said to be received is. */
async function spool(chunks: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const file = openSync(path, "wx", 0o600);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > IMPORT_BYTES_MAX) throw new FleetError("ERR_FLEET_IMPORT_SIZE", `more than ${IMPORT_BYTES_MAX} bytes`);
      for (let done = 0; done < chunk.length; ) done += writeSync(file, chunk, done);
    }
    fsyncSync(file);
    return bytes;
  } finally {
    closeSync(file);
  }
}
