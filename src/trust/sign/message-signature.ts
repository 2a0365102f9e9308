/** Puts a signature into an envelope, as the draft of LS 2.0 has it: see verify/message-signature.ts. Pure. */
import { FlattenedSign, importJWK, type JWK } from "jose";
import { canonicalBytes, readObject } from "../canonical-json.ts";
import { algorithmOf } from "../director.ts";
import { TrustError } from "../errors.ts";

/** The message with its `signature`. Throws OpenC2Error for what is not strict JSON, ERR_TRUST_FORMAT for a signed message. */
export async function signMessage(bytes: Uint8Array, { kid, privateJwk }: { kid: string; privateJwk: JWK }): Promise<Uint8Array> {
  const message = readObject(bytes);
  if ("signature" in message) throw new TrustError("ERR_TRUST_FORMAT", "the message is signed already");
  const alg = algorithmOf(privateJwk);
  const jws = await new FlattenedSign(canonicalBytes(message)).setProtectedHeader({ alg, kid }).sign(await importJWK(privateJwk, alg));
  return new TextEncoder().encode(JSON.stringify({ ...message, signature: `${jws.protected}..${jws.signature}` }));
}
