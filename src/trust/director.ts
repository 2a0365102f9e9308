/**
 * The director: who may command, and how many of them must agree. A device, a gateway and the manager are each pinned
 * to one director document when they are set up. A key belongs to a person; a threshold counts persons, never keys.
 */
import type { JWK } from "jose";

/** What is signed. Each has its own threshold and its own JWS `typ`, so that a signature for one never passes for another. */
export type Statement = "command" | "stopping-command" | "permit" | "stop" | "resume" | "deny-list";

export interface DirectorKey {
  /** Public JWK: Ed25519 (EdDSA) or P-256 (ES256), nothing else. */
  readonly jwk: JWK;
  /** The human being who holds the key, e.g. "author@isp.example". */
  readonly person: string;
}

export interface Director {
  readonly name: string;
  /** Grows with every change of keys or thresholds. */
  readonly version: number;
  /** kid -> key. The kid is the first 16 characters of the RFC 7638 SHA-256 thumbprint. */
  readonly keys: { readonly [kid: string]: DirectorKey };
  /** Distinct persons needed. Releasing needs two, stopping needs one. */
  readonly thresholds: { readonly [statement in Statement]: number };
}

export const DEFAULT_THRESHOLDS = { command: 2, "stopping-command": 1, permit: 2, stop: 1, resume: 2, "deny-list": 1 } as const;
