/** What an installer does for a device: it fills the spare slot. Switching, trial and roll back are the agent's, by its state. */
import type { Slot } from "./state.ts";
import type { AgreedDelta, AgreedImage } from "./update-check.ts";

/** What lies in a slot. */
export interface Manifest {
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly counter: number;
  readonly hardware: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly size: number;
}

export interface Installer {
  /** What a slot holds; undefined when it holds nothing whole. */
  manifest(slot: Slot): Promise<Manifest | undefined>;
  /** Opens the slot for this image and gives what has arrived of it before. Anything else in the slot is given up. */
  begin(slot: Slot, image: AgreedImage): Promise<Download>;
  /** Opens a place beside what the slot holds, and gives what has arrived of the delta before. */
  beginDelta(slot: Slot, delta: AgreedDelta): Promise<DeltaPart>;
  /** The image in the slot, whole, if it still has the digest of its manifest. */
  image(slot: Slot): Promise<Uint8Array | undefined>;
  /** Takes away what downloads have left beside the slot's content. */
  clear(slot: Slot): Promise<void>;
  /** Whether the image in the slot still has the digest of its manifest. */
  isIntact(slot: Slot): Promise<boolean>;
}

/** Bytes on their way into a slot. */
export interface Part {
  /** Bytes that are there already. */
  readonly startAt: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Lower-case hex of everything that is there. */
  digest(): string;
  /** Throws the bytes away. */
  discard(): Promise<void>;
}

export interface DeltaPart extends Part {
  /** What is there, from the first byte. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface Download extends Part {
  /** Makes it the slot's content, durably. Only now does the slot hold the manifest. */
  commit(manifest: Manifest): Promise<void>;
}
