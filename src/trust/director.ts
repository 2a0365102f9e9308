/**
 * The director: who may command, and how many of them must agree. A device, a gateway and the manager are each pinned
 * to one director document when they are set up. A key belongs to a person; a threshold counts persons, never keys.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, type JWK } from "jose";
import { readJson } from "../openc2/index.ts";
import { TrustError } from "./errors.ts";
import { DIRECTOR_KEYS_MAX, STATEMENT_BYTES_MAX } from "./limits.ts";

/** What is signed. Each has its own threshold and its own JWS `typ`, so that a signature for one never passes for another. */
export const STATEMENTS = ["command", "stopping-command", "permit", "stop", "resume", "deny-list"] as const;
export type Statement = (typeof STATEMENTS)[number];

export type Algorithm = "EdDSA" | "ES256";

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
  /** kid -> key. */
  readonly keys: { readonly [kid: string]: DirectorKey };
  /** Distinct persons needed. Releasing needs two, stopping needs one. */
  readonly thresholds: { readonly [statement in Statement]: number };
}

export const DEFAULT_THRESHOLDS = { command: 2, "stopping-command": 1, permit: 2, stop: 1, resume: 2, "deny-list": 1 } as const;

const KID_CHARACTERS = 16;

/** The first 16 characters of the RFC 7638 SHA-256 thumbprint: short, for it travels in every frame. */
export function kidOf(jwk: JWK): string {
  const { crv, kty, x, y } = jwk;
  // RFC 7638 §3: the required members only, in the order of their names.
  const members = algorithmOf(jwk) === "EdDSA" ? { crv, kty, x } : { crv, kty, x, y };
  return base64url.encode(sha256(new TextEncoder().encode(JSON.stringify(members)))).slice(0, KID_CHARACTERS);
}

/** The one algorithm that a key may be used with. Throws ERR_TRUST_ALGORITHM for a key of another kind. */
export function algorithmOf(jwk: JWK): Algorithm {
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return "EdDSA";
  if (jwk.kty === "EC" && jwk.crv === "P-256") return "ES256";
  throw new TrustError("ERR_TRUST_ALGORITHM", `a key of kind ${jwk.kty ?? "?"} ${jwk.crv ?? ""} is not accepted`);
}

/** Reads a director document and checks that its thresholds can be met by distinct persons. Throws ERR_TRUST_DIRECTOR. */
export function parseDirector(bytes: Uint8Array): Director {
  try {
    const document: unknown = readJson(bytes, { bytesMax: STATEMENT_BYTES_MAX });
    const director = document as Director;
    checkDirector(director);
    return director;
  } catch (cause) {
    throw new TrustError(
      "ERR_TRUST_DIRECTOR",
      `the director document cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function checkDirector({ name, version, keys, thresholds }: Director): void {
  if (typeof name !== "string" || !Number.isSafeInteger(version) || version < 1) throw wrong("name or version is missing");
  const entries = Object.entries(keys);
  if (entries.length === 0 || entries.length > DIRECTOR_KEYS_MAX)
    throw wrong(`it has ${entries.length} keys, from 1 to ${DIRECTOR_KEYS_MAX} are allowed`);
  for (const [kid, { jwk, person }] of entries) {
    algorithmOf(jwk);
    if ("d" in jwk) throw wrong(`the key ${kid} is a private key`);
    if (typeof person !== "string" || person === "") throw wrong(`the key ${kid} belongs to nobody`);
    if (kidOf(jwk) !== kid) throw wrong(`the key ${kid} does not have this thumbprint`);
  }
  const persons = new Set(entries.map(([, { person }]) => person)).size;
  for (const statement of STATEMENTS) {
    const threshold = thresholds[statement];
    if (!Number.isSafeInteger(threshold) || threshold < 1) throw wrong(`the threshold of ${statement} is ${threshold}`);
    if (threshold > persons) throw wrong(`${statement} needs ${threshold} persons, there are ${persons}`);
  }
}

function wrong(message: string): TrustError {
  return new TrustError("ERR_TRUST_DIRECTOR", message);
}
