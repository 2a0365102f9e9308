/**
 * What travels on a standing channel, as WebSocket text messages. Down: signed commands (JWS general JSON), and
 * `goodbye`. Up: check-ins and OpenC2 responses (D2 envelope). Nothing else.
 */
import type { InstalledSoftware, LastUpdate } from "../../openc2/profiles/x-swup/model.ts";

/** Inventory that a device sends after connecting: it is the same whether or not it was ever commanded. */
export interface CheckIn {
  readonly software: InstalledSoftware;
  /** How often the device has started. */
  readonly boot: number;
  readonly slot: "a" | "b";
  readonly last_update?: LastUpdate;
  /** Newest command ids that the device remembers, newest first, at most 16. */
  readonly seen: readonly string[];
}

/** `{"goodbye":{"delay_ms":n}}`: the gateway is going away, come back after about this long. */
export interface Goodbye {
  readonly delay_ms: number;
}
