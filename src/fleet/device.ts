/** What the fleet knows about one device. Facts are claims with an age; evidence (evidence.ts) is what was observed. */

export interface DeviceFacts {
  /** `urn:dev:...` (RFC 9039), the same as in the device's certificate. */
  readonly id: string;
  readonly tenant: string;
  readonly vendor: string;
  /** The model, in x-swup's words: software name. */
  readonly name: string;
  readonly version: string;
  readonly hardware: string;
  readonly region: string;
  /** Consent: takes part in the "manage my IoT" service. */
  readonly subscribed: boolean;
  /** Said no to being updated. */
  readonly optedOut: boolean;
}

export interface Device extends DeviceFacts {
  /** Dense integer in this fleet, from 0, never reused: sets of devices are bitmaps of it. */
  readonly ordinal: number;
  /** ms since the epoch of the newest observation, 0 if none. */
  readonly lastSeenMs: number;
}
