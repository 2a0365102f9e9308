/**
 * A PKCS #10 request (RFC 2986) for a key of this device. It wishes for what the certificate in hand says, if there is one
 * (RFC 7030 §4.2.2), and otherwise for nothing: whose device it is, is in the record. Pure but for the signature.
 */
import { createPublicKey, type KeyObject, sign, type X509Certificate } from "node:crypto";
import { bodyOf, element, elementsOf, TAG } from "../../trust/der.ts";

const VERSION_0 = Uint8Array.of(TAG.integer, 1, 0);
/** ecdsa-with-SHA256 (RFC 5758 §3.2), pkcs-9-at-extensionRequest (RFC 2985 §5.4.2) and subjectAltName. */
const SIGNATURE_ALGORITHM = element(TAG.sequence, Uint8Array.fromHex("06082a8648ce3d040302"));
const EXTENSION_REQUEST = Uint8Array.fromHex("06092a864886f70d01090e");
const SUBJECT_ALTERNATIVE_NAME = "0603551d11";

/** DER. `key`: P-256. */
export function certificateRequest(key: KeyObject, current: X509Certificate | undefined): Uint8Array {
  const { subject, names } = current === undefined ? { subject: element(TAG.sequence), names: [] } : namesOf(current.raw);
  const publicKey = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
  const wishes = names.length === 0 ? [] : [element(TAG.sequence, EXTENSION_REQUEST, element(TAG.set, element(TAG.sequence, ...names)))];
  const info = element(TAG.sequence, VERSION_0, subject, publicKey, element(TAG.context0, ...wishes));
  const signature = element(TAG.bitString, Uint8Array.of(0), sign("sha256", info, key));
  return element(TAG.sequence, info, SIGNATURE_ALGORITHM, signature);
}

/** Subject and subjectAltName as they stand (RFC 5280 §4.1): compared by their bytes, so copied by their bytes. */
function namesOf(der: Uint8Array): { readonly subject: Uint8Array; readonly names: readonly Uint8Array[] } {
  const [certificate] = elementsOf(der);
  const [signed] = elementsOf(bodyOf(certificate, TAG.sequence));
  const [_version, _serial, _algorithm, _issuer, _term, subject, ...rest] = elementsOf(bodyOf(signed, TAG.sequence));
  const list = rest.find(({ tag }) => tag === TAG.context3);
  const extensions = list === undefined ? [] : elementsOf(bodyOf(elementsOf(list.body)[0], TAG.sequence));
  const names = extensions.filter(({ body }) => elementsOf(body)[0]?.der.toHex() === SUBJECT_ALTERNATIVE_NAME);
  return { subject: subject?.der ?? element(TAG.sequence), names: names.map((extension) => extension.der) };
}
