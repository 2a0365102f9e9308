/**
 * The signature inside an envelope, as the draft of LS 2.0 has it (2022-11, §3.3.4): a detached compact JWS (RFC 7515 App. F)
 * over the canonical JSON (RFC 8785) of the message without its `signature`. For interoperability only: it has to parse before
 * it can verify, so Edict's own channels carry the statements of jws.ts instead (docs/adr/0011). Pure.
 */
import { base64url, flattenedVerify, importJWK, type JWK } from "jose";
import type { JsonObject } from "../../openc2/index.ts";
import { quoted } from "../../openc2/shape.ts";
import { canonicalBytes, readObject } from "../canonical-json.ts";
import { algorithmOf } from "../director.ts";
import { TrustError } from "../errors.ts";
import { decode, malformed, object, strictJson } from "./jws.ts";

export interface SignedMessage {
  readonly kid: string;
  /** What was signed: the message without its `signature`. */
  readonly message: JsonObject;
}

/**
 * `keys` are public JWKs by kid: Ed25519 or P-256. Throws OpenC2Error for what is not strict JSON, then ERR_TRUST_FORMAT,
 * _UNKNOWN_KEY, _ALGORITHM, _SIGNATURE.
 */
export async function verifyMessageSignature(bytes: Uint8Array, keys: ReadonlyMap<string, JWK>): Promise<SignedMessage> {
  const { signature: jws, ...rest } = readObject(bytes);
  if (typeof jws !== "string") throw malformed("the message has no signature");
  const { protectedText, signature, alg, kid } = parseDetached(jws);
  const jwk = keys.get(kid);
  if (jwk === undefined) throw new TrustError("ERR_TRUST_UNKNOWN_KEY", `nobody here knows the key ${quoted(kid)}`);
  if (alg !== algorithmOf(jwk)) throw new TrustError("ERR_TRUST_ALGORITHM", `algorithm ${quoted(alg)} with a key for ${algorithmOf(jwk)}`);
  const payload = base64url.encode(canonicalBytes(rest));
  try {
    await flattenedVerify({ payload, protected: protectedText, signature }, await importJWK(jwk, alg), { algorithms: [alg] });
  } catch (cause) {
    throw new TrustError("ERR_TRUST_SIGNATURE", `the signature of "${kid}" does not fit this message`, { cause });
  }
  return { kid, message: rest };
}

function parseDetached(jws: string) {
  const [protectedText = "", payload, signature, ...more] = jws.split(".");
  if (payload !== "" || signature === undefined || more.length > 0)
    throw malformed("it is not a compact JWS with detached content (RFC 7515 Appendix F)");
  const header = decode(protectedText, "protected header");
  // No typ: what a person signed as a statement of another kind never passes as a message.
  const { alg, kid } = object(strictJson(header, header.length), ["alg", "kid"]);
  if (typeof alg !== "string" || typeof kid !== "string") throw malformed("alg and kid are strings");
  decode(signature, "signature");
  return { protectedText, signature, alg, kid };
}
