/**
 * What people do with their keys: make one, sign a statement, add a signature to somebody else's. Only the command line
 * imports this; no server holds a key that a device obeys.
 */
import { base64url, exportJWK, FlattenedSign, generateKeyPair, importJWK, type JWK } from "jose";
import { type Algorithm, algorithmOf, kidOf, type Statement } from "../director.ts";
import { TrustError } from "../errors.ts";
import { parseJws, TYPES } from "../verify/jws.ts";

export { signMessage } from "./message-signature.ts";
export {
  type DirectorDraft,
  draftDirector,
  draftMap,
  type Holder,
  holdersOf,
  makeDirector,
  type MapDraft,
  ROOT_THRESHOLD,
  signDocument,
} from "./root-document.ts";

export interface Signer {
  readonly person: string;
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

export async function generateSigner(person: string, algorithm: Algorithm = "EdDSA"): Promise<Signer> {
  const options = { extractable: true, ...(algorithm === "EdDSA" && { crv: "Ed25519" }) };
  const { publicKey, privateKey } = await generateKeyPair(algorithm, options);
  const publicJwk = await exportJWK(publicKey);
  return { person, kid: kidOf(publicJwk), privateJwk: await exportJWK(privateKey), publicJwk };
}

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

async function signature(
  payload: Uint8Array,
  statement: Statement,
  { kid, privateJwk }: Signer,
): Promise<{ protected: string; signature: string }> {
  const alg = algorithmOf(privateJwk);
  const jws = await new FlattenedSign(payload)
    .setProtectedHeader({ alg, kid, typ: TYPES[statement] })
    .sign(await importJWK(privateJwk, alg));
  return { protected: jws.protected ?? "", signature: jws.signature };
}
