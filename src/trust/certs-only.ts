/**
 * A certs-only message (RFC 5272 §4.1): CMS SignedData without content and without signers, which EST uses as an envelope for
 * certificates (RFC 7030 §4.1.3). It proves nothing; each certificate in it must prove itself. Pure.
 */
import { bodyOf, element, elementsOf, TAG } from "./der.ts";

/** 1.2.840.113549.1.7.2 and .1 (RFC 5652 §5.1 and §4). */
const SIGNED_DATA = Uint8Array.fromHex("06092a864886f70d010702");
const DATA = Uint8Array.fromHex("06092a864886f70d010701");
const VERSION_1 = Uint8Array.of(TAG.integer, 1, 1);
const NOBODY = element(TAG.set);

/** `certificates` and the answer are DER. */
export function encodeCertsOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const content = element(TAG.sequence, DATA);
  const signedData = element(TAG.sequence, VERSION_1, NOBODY, content, element(TAG.context0, ...certificates), NOBODY);
  return element(TAG.sequence, SIGNED_DATA, element(TAG.context0, signedData));
}

/** The certificates in it, DER, in their order. Throws RangeError. */
export function parseCertsOnly(der: Uint8Array): readonly Uint8Array[] {
  const [message] = elementsOf(der);
  const [type, content] = elementsOf(bodyOf(message, TAG.sequence));
  if (type?.der.toHex() !== SIGNED_DATA.toHex()) throw new RangeError("the message is not CMS SignedData");
  const [signedData] = elementsOf(bodyOf(content, TAG.context0));
  const certificates = elementsOf(bodyOf(signedData, TAG.sequence)).find(({ tag }) => tag === TAG.context0);
  return elementsOf(bodyOf(certificates, TAG.context0)).map((certificate) => certificate.der);
}
