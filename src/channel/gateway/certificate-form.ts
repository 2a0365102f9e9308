/**
 * What a certificate must look like beyond what the TLS library asks. Each rule is one that BoringSSL lets pass, seen with
 * certificates made by openssl: SHA-1, RSA keys of 1,024 bits, a serial number below zero, a leaf that is an authority.
 */
import type { X509Certificate } from "node:crypto";
import { ChannelError } from "../errors.ts";
import { CERTIFICATE_BYTES_MAX, RSA_BITS_MIN } from "../limits.ts";
import { allowsSignatures, type CertificateFields, isAuthority, readCertificate } from "./certificate-der.ts";

/** ecdsa-with-SHA256, -384, -512 (RFC 5758 §3.2) and sha256-, 384-, 512WithRSAEncryption (RFC 8017 A.2.4). */
const SIGNATURE = /^1\.2\.840\.(10045\.4\.3\.[234]|113549\.1\.1\.1[123])$/;
const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const BASIC_CONSTRAINTS = "551d13";
const KEY_USAGE = "551d0f";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
/** RFC 5280 §4.1.2.2. */
const SERIAL_OCTETS_MAX = 20;

/** Throws ERR_CHANNEL_CERTIFICATE_FORM or ERR_CHANNEL_CERTIFICATE_USAGE. */
export function checkForm(certificate: X509Certificate, issuer: X509Certificate): void {
  if (certificate.raw.length > CERTIFICATE_BYTES_MAX) throw malformed(`it is ${certificate.raw.length} bytes long`);
  const fields = read(certificate.raw);
  if (fields.version !== 3) throw malformed(`it is of version ${fields.version}`);
  const [first = 0] = fields.serial;
  if (fields.serial.length > SERIAL_OCTETS_MAX || first >= 0x80) throw malformed("its serial number is negative or too long");
  const { signatureAlgorithmOid: algorithm } = certificate;
  if (!SIGNATURE.test(algorithm ?? "")) throw malformed(`its signature is made with ${certificate.signatureAlgorithm}`);
  if (!isStrong(certificate) || !isStrong(issuer)) throw malformed("its key or its issuer's is too weak");
  checkUsage(certificate, fields);
}

function checkUsage({ keyUsage }: X509Certificate, { extensions }: CertificateFields): void {
  for (const { id, value } of extensions) {
    if (id === BASIC_CONSTRAINTS && isAuthority(value)) throw misused("it is an authority's");
    if (id === KEY_USAGE && !allowsSignatures(value)) throw misused("its key may not sign");
  }
  // Node's name for the extended key usage. "Any purpose" is not this purpose (RFC 5280 §4.2.1.12 lets us ask for it).
  if (!(keyUsage ?? []).includes(CLIENT_AUTH)) throw misused("it is not for client authentication");
}

function read(der: Uint8Array): CertificateFields {
  try {
    return readCertificate(der);
  } catch (cause) {
    throw malformed("it cannot be read", cause);
  }
}

function isStrong({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === "rsa") return (details?.modulusLength ?? 0) >= RSA_BITS_MIN;
  return type === "ec" && CURVES.has(details?.namedCurve ?? "");
}

function malformed(why: string, cause?: unknown): ChannelError {
  return new ChannelError("ERR_CHANNEL_CERTIFICATE_FORM", `the certificate is refused: ${why}`, { cause });
}

function misused(why: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_CERTIFICATE_USAGE", `the certificate is refused: ${why}`);
}
