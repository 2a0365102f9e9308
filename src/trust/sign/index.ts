/**
 * What people do with their keys: make one, sign a statement, add a signature to somebody else's. Only the command line
 * imports this; no server holds a key that a device obeys.
 */
import { base64url } from "jose";
import { algorithmOf, type Statement } from "../director.ts";
import { TrustError } from "../errors.ts";
import { parseJws, TYPES } from "../verify/jws.ts";
import type { Signer } from "./signer.ts";

export {
  type KeyFile,
  openKeyFile,
  protectionOf,
  readKeyFile,
  signerInPem,
  writeKeyFile,
  writePublicFile,
  writeTokenFile,
} from "./key-file.ts";
export { signMessage } from "./message-signature.ts";
export {
  type DirectorDraft,
  draftDirector,
  draftMap,
  holdersOf,
  makeDirector,
  type MapDraft,
  ROOT_THRESHOLD,
  signDocument,
} from "./root-document.ts";
export { generateSigner, type Holder, holderFromPem, type Signer, type SoftwareSigner } from "./signer.ts";

/** The first signature over the payload's exact bytes: a JWS text in general JSON serialisation. */
export async function sign(payload: Uint8Array, statement: Statement, signer: Signer): Promise<string> {
  return JSON.stringify({ payload: base64url.encode(payload), signatures: [await signature(payload, statement, signer)] });
}

/**
 * Adds a signature. `payload` is what this person has read: bytes that differ from those signed so far are refused with
 * ERR_TRUST_SIGNATURE, a second signature by the same key with ERR_TRUST_SAME_PERSON.
 */
export async function addSignature(jws: string, statement: Statement, signer: Signer, payload: Uint8Array): Promise<string> {
  const parsed = parseJws(new TextEncoder().encode(jws), statement);
  if (parsed.payload !== base64url.encode(payload)) throw new TrustError("ERR_TRUST_SIGNATURE", "the others signed other bytes than these");
  if (parsed.signatures.some(({ kid }) => kid === signer.kid))
    throw new TrustError("ERR_TRUST_SAME_PERSON", `${signer.person} has signed already`);
  const signatures = parsed.signatures.map((given) => ({ protected: given.protectedText, signature: given.signature }));
  return JSON.stringify({ payload: parsed.payload, signatures: [...signatures, await signature(payload, statement, signer)] });
}

/** Over what RFC 7515 §5.1 says: the protected header and the payload, both in base64url. */
async function signature(
  payload: Uint8Array,
  statement: Statement,
  { kid, publicJwk, sign: signBytes }: Signer,
): Promise<{ protected: string; signature: string }> {
  const header = base64url.encode(JSON.stringify({ alg: algorithmOf(publicJwk), kid, typ: TYPES[statement] }));
  const signed = await signBytes(new TextEncoder().encode(`${header}.${base64url.encode(payload)}`));
  return { protected: header, signature: base64url.encode(signed) };
}
