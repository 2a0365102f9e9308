/** A device's standing way to its gateway, whatever carries it. Pure. */
import type { Downward } from "./codec.ts";

export interface Link {
  /** Resolves with the reason when it has ended, however it did. */
  run(): Promise<string>;
  /** One message up. */
  send(bytes: Uint8Array): void;
  close(reason: string): void;
}

export interface LinkEvents {
  /** It stands; for the first time, or again. */
  readonly onOpen: (link: Link) => void;
  /** Resolves when the device has dealt with it: a carrier that keeps messages for the device forgets it then. */
  readonly onMessage: (message: Downward) => Promise<void>;
}
