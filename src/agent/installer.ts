/** What an installer does for a device: it fills the spare slot. Switching, trial and roll back are the agent's, by its state. */
import type { Slot } from "./state.ts";
import type { AgreedImage } from "./update-check.ts";

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
  /** Whether the image in the slot still has the digest of its manifest. */
  isIntact(slot: Slot): Promise<boolean>;
}

/** An image on its way into a slot. */
export interface Download {
  /** Bytes that are there already. */
  readonly startAt: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Lower-case hex of everything that is there. */
  digest(): string;
  /** Makes it the slot's content, durably. Only now does the slot hold the manifest. */
  commit(manifest: Manifest): Promise<void>;
  /** Throws the bytes away. */
  discard(): Promise<void>;
}
