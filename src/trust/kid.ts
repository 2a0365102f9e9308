/** What a key is called in a frame, and the one algorithm that it may be used with. Pure. */
import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, type JWK } from "jose";
import { TrustError } from "./errors.ts";
import { isSmallOrder } from "./small-order.ts";

export type Algorithm = "EdDSA" | "ES256";

const KID_CHARACTERS = 16;

/** The first 16 characters of the RFC 7638 SHA-256 thumbprint: short, for it travels in every frame. */
export function kidOf(jwk: JWK): string {
  const { crv, kty, x, y } = jwk;
  // RFC 7638 §3: the required members only, in the order of their names.
  const members = algorithmOf(jwk) === "EdDSA" ? { crv, kty, x } : { crv, kty, x, y };
  return base64url.encode(sha256(new TextEncoder().encode(JSON.stringify(members)))).slice(0, KID_CHARACTERS);
}

/** RFC 9864 gives EdDSA with Ed25519 a name of its own; a key may say either. */
const NAMES: Readonly<Record<Algorithm, readonly string[]>> = { EdDSA: ["EdDSA", "Ed25519"], ES256: ["ES256"] };

/**
 * Throws ERR_TRUST_ALGORITHM for a key of another kind, for one that says of itself that it is for something else (RFC 7517 §4.2, §4.4), and
 * for one with which anybody can sign.
 */
export function algorithmOf(jwk: JWK): Algorithm {
  const algorithm = kindOf(jwk);
  if (jwk.use !== undefined && jwk.use !== "sig") throw new TrustError("ERR_TRUST_ALGORITHM", `a key for "${jwk.use}" signs nothing`);
  if (jwk.alg !== undefined && !NAMES[algorithm].includes(jwk.alg))
    throw new TrustError("ERR_TRUST_ALGORITHM", `a key of curve ${jwk.crv} cannot be for ${jwk.alg}`);
  if (algorithm === "EdDSA" && isSmallOrder(pointOf(jwk)))
    throw new TrustError("ERR_TRUST_ALGORITHM", "a key of small order, with which anybody can sign");
  return algorithm;
}

/** What cannot be decoded is no point; importing it fails with the words for that. */
function pointOf({ x = "" }: JWK): Uint8Array {
  try {
    return base64url.decode(x);
  } catch {
    return new Uint8Array();
  }
}

function kindOf({ kty, crv }: JWK): Algorithm {
  if (kty === "OKP" && crv === "Ed25519") return "EdDSA";
  if (kty === "EC" && crv === "P-256") return "ES256";
  throw new TrustError("ERR_TRUST_ALGORITHM", `a key of kind ${kty ?? "?"} ${crv ?? ""} is not accepted`);
}
