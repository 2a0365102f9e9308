/** Something observed about a device, by whom and when. The after-action concludes from these and from nothing else. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { LastCommand } from "../openc2/profiles/x-iot/model.ts";
import type { InstalledSoftware, LastUpdate } from "../openc2/profiles/x-swup/model.ts";

interface Observed {
  readonly ordinal: number;
  /** ms since the epoch, the observer's clock. */
  readonly atMs: number;
}

export type Evidence =
  /** The kernel accepted the command for this device's channel. It never means received. */
  | (Observed & { readonly kind: "sent"; readonly commandId: string })
  | (Observed & { readonly kind: "connected" })
  | (Observed & { readonly kind: "disconnected"; readonly reason: string })
  /** A connection that presented this device's identity was refused. `reason` is an ERR_CHANNEL_ code. */
  | (Observed & { readonly kind: "refused"; readonly reason: string })
  /** Inventory that the device sent by itself after connecting. `boot` counts the device's starts. */
  | (Observed & {
      readonly kind: "check-in";
      readonly boot: number;
      readonly software: InstalledSoftware;
      readonly lastUpdate?: LastUpdate;
      readonly lastCommand?: LastCommand;
      /** The check-in as the device signed it, to be verified without trust in whoever carried it (trust/verify/check-in.ts). */
      readonly statement?: string;
    })
  /** Answer to a command that asked for one. */
  | (Observed & {
      readonly kind: "response";
      readonly requestId: string;
      readonly status: number;
      readonly software?: InstalledSoftware;
      readonly lastUpdate?: LastUpdate;
      readonly lastCommand?: LastCommand;
      /** How many run of the processes that it was asked about; x-iot tells of 64 at the most. */
      readonly processes?: number;
    })
  /** The depot's record: `complete` when the last byte of the blob was sent to this device. */
  | (Observed & {
      readonly kind: "download";
      readonly sha256: string;
      readonly bytes: number;
      readonly complete: boolean;
      /** The image that the blob, a delta, makes. Base16 SHA-256 */
      readonly makes?: string;
    })
  /** Application bytes that came up in answer to a command that asked for none. There should never be any. */
  | (Observed & { readonly kind: "unasked"; readonly commandId: string; readonly bytes: number });

/** Evidence of kind "sent" about many devices at once, as gateways tell it. */
export interface SentBatch {
  readonly commandId: string;
  /** ms since the epoch */
  readonly atMs: number;
  readonly ordinals: RoaringBitmap32;
}
