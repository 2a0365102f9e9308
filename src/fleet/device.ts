/** What the fleet knows about one device. Facts are claims, with who made them and when; evidence (evidence.ts) is what was observed. */

export interface DeviceFacts {
  /** `urn:dev:...` (RFC 9039), the same as in the device's certificate. */
  readonly id: string;
  readonly tenant: string;
  readonly vendor: string;
  /** The model, in x-swup's words: software name. */
  readonly name: string;
  readonly version: string;
  /** Release counter of that version, when somebody said it: versions are ordered by counters, never by their text. */
  readonly counter?: number;
  /** Digest of that version. Base16, lower case. */
  readonly sha256?: string;
  /** Software beside the main one, each name once. */
  readonly components?: readonly Component[];
  /** The hardware's revision. */
  readonly hardware: string;
  readonly region: string;
  /** IANA name, e.g. Europe/Amsterdam. */
  readonly timeZone?: string;
  /** Words of the operator's own, each once. */
  readonly tags?: readonly string[];
  /** Consent: takes part in the "manage my IoT" service. */
  readonly subscribed: boolean;
  /** Said no to being updated. */
  readonly optedOut: boolean;
  /** Put off being updated until then. ms since the epoch */
  readonly postponedUntilMs?: number;
}

/** A library, a modem's firmware, a second processor's. */
export interface Component {
  readonly name: string;
  readonly version: string;
  readonly counter?: number;
  /** Base16, lower case. */
  readonly sha256?: string;
}

export interface Device extends DeviceFacts {
  /** Dense integer in this fleet, from 0, never reused: sets of devices are bitmaps of it. */
  readonly ordinal: number;
}

/** Where a fact comes from, and how old it is. */
export interface Said {
  readonly source: "import" | "check-in" | "unknown";
  /** The person who imported it. */
  readonly who?: string;
  /** ms since the epoch */
  readonly atMs: number;
}

/** What runs on a device is said by the device too, so it has a source of its own. */
export interface Provenance {
  /** Version, counter, digest. */
  readonly software: Said;
  readonly others: Said;
}
