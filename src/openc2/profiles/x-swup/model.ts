/** The words of the x-swup profile (software update): target specifiers, args and results. docs/profiles/x-swup defines them. */

export const X_SWUP = "x-swup";
export const SOFTWARE_TARGET = "x-swup:software";

/** Base16. Upper case when emitted, either case when read. */
export interface Digests {
  readonly sha256?: string;
  readonly sha384?: string;
  readonly sha512?: string;
}

/** ls:Artifact (LS 1.0 §3.4.1.1). */
export interface Artifact {
  readonly mime_type?: string;
  /** Exactly one of them; `bin` is base64url. */
  readonly payload?: { readonly bin: string } | { readonly url: string };
  readonly hashes?: { readonly md5?: string; readonly sha1?: string; readonly sha256?: string };
}

/** Target of `update` (what to install) and of `query` (any subset, as a filter). */
export interface Software {
  readonly vendor?: string;
  readonly name?: string;
  /** Apply only where exactly this version is installed. */
  readonly old_version?: string;
  readonly new_version?: string;
  readonly source?: string;
  /** bytes */
  readonly size?: number;
  readonly hashes?: Digests;
  readonly media_type?: string;
  readonly hardware?: readonly string[];
  /** The manufacturer's signed metadata about these bytes, for a consumer that has no repository to ask: an ls:Artifact. */
  readonly manifest?: Artifact;
}

export interface XSwupArgs {
  /** ms since the epoch; a consumer refuses the command from then on. */
  readonly not_after?: number;
  /** ms; the consumer starts at t0 + hash(device, command) mod spread. */
  readonly spread?: number;
  readonly reboot?: "no" | "if_needed";
  readonly allow_downgrade?: boolean;
}

export const UPDATE_STATES = [
  "queued",
  "downloading",
  "verifying",
  "installing",
  "rebooting",
  "done",
  "failed",
  "rolled_back",
  "cancelled",
] as const;
export type UpdateState = (typeof UPDATE_STATES)[number];

export interface LastUpdate {
  readonly command_id: string;
  readonly new_version: string;
  readonly state: UpdateState;
  /** A stable code (`ERR_...`), present when the state is failed or rolled_back; in `done`, what the update had to do without. */
  readonly error?: string;
}

export interface InstalledSoftware {
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly hashes?: Digests;
  readonly hardware?: string;
}

export interface XSwupResults {
  readonly software?: InstalledSoftware;
  readonly last_update?: LastUpdate;
}
