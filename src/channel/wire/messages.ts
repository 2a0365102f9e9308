/**
 * What travels on a standing channel, as WebSocket text messages, or down as server-sent events and up as posts. Down: signed
 * commands (JWS general JSON), documents of trust (`{"trust":` and the next version of an authority map or of a director `}`), and
 * `goodbye`. Up: check-ins and OpenC2 responses (D2 envelope). Nothing else.
 */
import type { LastCommand } from "../../openc2/profiles/x-iot/model.ts";
import type { InstalledSoftware, LastUpdate } from "../../openc2/profiles/x-swup/model.ts";

/** Inventory that a device sends after connecting: it is the same whether or not it was ever commanded. */
export interface CheckIn {
  readonly software: InstalledSoftware;
  /** How often the device has started. */
  readonly boot: number;
  readonly slot: "a" | "b";
  /** Left out by a device that does not follow its director's versions; it is then sent none. */
  readonly trust?: TrustVersions;
  readonly last_update?: LastUpdate;
  /** The last stop or restart that has ended. */
  readonly last_command?: LastCommand;
  /** Newest command ids that the device remembers, newest first, at most 16. */
  readonly seen: readonly string[];
}

/** Which versions of its documents a device believes (trust/verify/authority.ts). */
export interface TrustVersions {
  readonly map: number;
  /** The director's name -> its version. */
  readonly directors: { readonly [name: string]: number };
}

/** `{"goodbye":{"delay_ms":n}}`: the gateway is going away, come back after about this long. */
export interface Goodbye {
  readonly delay_ms: number;
}
