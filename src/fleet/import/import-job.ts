/** One import of devices: what is kept of it while it is under way and after it. */
import type { DeviceFacts } from "../device.ts";
import type { FleetErrorCode } from "../errors.ts";
import type { Position } from "./blocks.ts";
import type { ImportFormat } from "./reader.ts";

/**
 * checking: read to its end, nothing kept. keeping: every line is right, and it will be kept to its end, over restarts too. kept, refused:
 * ended. A file is refused whole, by its first wrong line.
 */
export type ImportState = "checking" | "keeping" | "kept" | "refused";

export interface ImportJob {
  /** Random: no tenant can guess another's, or count what it imports. */
  readonly id: string;
  readonly format: ImportFormat;
  /** The person who asked. */
  readonly who: string;
  readonly bytes: number;
  /** ms since the epoch */
  readonly startedMs: number;
  readonly state: ImportState;
  /** How far it is kept: it goes on from here. While it is checked, how far that is, as far as is known. */
  readonly position: Position;
  readonly added: number;
  readonly updated: number;
  /** ms since the epoch */
  readonly endedMs?: number;
  /** Why it was refused. */
  readonly error?: { readonly code: FleetErrorCode; readonly message: string };
}

export interface ImportStore {
  openImport(job: Pick<ImportJob, "id" | "format" | "who" | "bytes" | "startedMs">): ImportJob;
  import(id: string): ImportJob | undefined;
  unfinishedImports(): readonly ImportJob[];
  /** Everything of it was checked. */
  startKeeping(id: string): void;
  /** Devices, and how far the file is kept with them, in one transaction. */
  keepBlock(job: ImportJob, devices: readonly DeviceFacts[], end: Position): void;
  endImport(id: string, endedMs: number, error?: ImportJob["error"]): void;
}
