/**
 * From one version of a root document to the next (TUF 1.0 §5.3): N+1 is believed only when enough people of N and enough people of
 * N+1 signed it, and no version is left out. An expired N still names its successor, or an expiry would be the end of a
 * device. Pure.
 */
import { importJWK } from "jose";
import { type AuthorityMap, parseAuthorityMap } from "../authority-map.ts";
import { type Director, parseDirector } from "../director.ts";
import { TrustError } from "../errors.ts";
import { algorithmOf } from "../kid.ts";
import type { DirectorKey, RootDocument } from "../root-document.ts";
import { fromTufSignature } from "../tuf-key.ts";

/** Throws ERR_TRUST_DIRECTOR, ERR_TRUST_SCOPE, ERR_TRUST_ROLLBACK, ERR_TRUST_GAP, ERR_TRUST_THRESHOLD. */
export async function verifyNextDirector(current: Director, bytes: Uint8Array): Promise<Director> {
  const next = parseDirector(bytes);
  if (next.name !== current.name) throw new TrustError("ERR_TRUST_SCOPE", `"${next.name}" is not a version of "${current.name}"`);
  await checkSuccession(current, next);
  return next;
}

/** Throws the same codes. */
export async function verifyNextMap(current: AuthorityMap, bytes: Uint8Array): Promise<AuthorityMap> {
  const next = parseAuthorityMap(bytes);
  await checkSuccession(current, next);
  return next;
}

/** Whether enough people signed a document by its own root role: what a person checks before it is pinned. Throws ERR_TRUST_THRESHOLD. */
export async function verifySelfSigned(document: RootDocument): Promise<void> {
  await checkSignedBy(document, document);
}

async function checkSuccession(current: RootDocument, next: RootDocument): Promise<void> {
  if (next.version <= current.version)
    throw new TrustError("ERR_TRUST_ROLLBACK", `version ${next.version} is not newer than ${current.version}`);
  if (next.version !== current.version + 1)
    throw new TrustError("ERR_TRUST_GAP", `version ${next.version} cannot follow ${current.version}: those between are missing`);
  await checkSignedBy(next, current);
  await checkSignedBy(next, next);
}

async function checkSignedBy(document: RootDocument, { root, keys, version }: RootDocument): Promise<void> {
  const persons = new Set<string>();
  for (const kid of root.kids) {
    const key = keys[kid];
    // As TUF has it: a signature that does not fit counts for nothing, and takes nothing from the others.
    if (key !== undefined && (await hasSigned(key, document))) persons.add(key.person);
  }
  if (persons.size < root.threshold)
    throw new TrustError(
      "ERR_TRUST_THRESHOLD",
      `${persons.size} of the ${root.threshold} people whom version ${version} asks for signed version ${document.version}`,
    );
}

async function hasSigned({ keyId, jwk }: DirectorKey, { signatures, signedBytes }: RootDocument): Promise<boolean> {
  const signature = fromTufSignature(signatures.get(keyId) ?? "", jwk);
  if (signature === undefined || signature.length === 0) return false;
  const alg = algorithmOf(jwk);
  const key = (await importJWK(jwk, alg)) as CryptoKey;
  const algorithm = alg === "EdDSA" ? "Ed25519" : { name: "ECDSA", hash: "SHA-256" };
  return crypto.subtle.verify(algorithm, key, signature as Uint8Array<ArrayBuffer>, signedBytes as Uint8Array<ArrayBuffer>);
}
