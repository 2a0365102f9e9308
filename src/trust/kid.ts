/** What a key is called in a frame, and the one algorithm that it may be used with. Pure. */
import { sha256 } from "@noble/hashes/sha2.js";
import { base64url, type JWK } from "jose";
import { TrustError } from "./errors.ts";

export type Algorithm = "EdDSA" | "ES256";

const KID_CHARACTERS = 16;

/** The first 16 characters of the RFC 7638 SHA-256 thumbprint: short, for it travels in every frame. */
export function kidOf(jwk: JWK): string {
  const { crv, kty, x, y } = jwk;
  // RFC 7638 §3: the required members only, in the order of their names.
  const members = algorithmOf(jwk) === "EdDSA" ? { crv, kty, x } : { crv, kty, x, y };
  return base64url.encode(sha256(new TextEncoder().encode(JSON.stringify(members)))).slice(0, KID_CHARACTERS);
}

/** Throws ERR_TRUST_ALGORITHM for a key of another kind. */
export function algorithmOf(jwk: JWK): Algorithm {
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") return "EdDSA";
  if (jwk.kty === "EC" && jwk.crv === "P-256") return "ES256";
  throw new TrustError("ERR_TRUST_ALGORITHM", `a key of kind ${jwk.kty ?? "?"} ${jwk.crv ?? ""} is not accepted`);
}
