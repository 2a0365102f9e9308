/**
 * Who is at the other end, from the certificate and from nothing else. The TLS layer has checked it; it is checked again here,
 * because a handshake callback that says "ok" was seen for certificates that had failed.
 */
import { X509Certificate } from "node:crypto";
import { ChannelError, type ChannelErrorCode } from "../errors.ts";

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const DEVICE_ID = /^urn:dev:[A-Za-z0-9._:;=-]+$/;

/** The authorities whose devices are let in: one, or two while one is replaced by the next. */
export function readAuthorities(caPem: string): readonly X509Certificate[] {
  const pems = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.map((pem) => new X509Certificate(pem));
}

/** The device's `urn:dev:` identity. Throws what `checkCertificate` throws, or ERR_CHANNEL_IDENTITY. */
export function identityOf(given: X509Certificate | undefined, authorities: readonly X509Certificate[], nowMs: number): string {
  const names = deviceUris(checkCertificate(given, authorities, nowMs));
  const [identity = ""] = names;
  if (names.length !== 1 || !DEVICE_ID.test(identity)) {
    throw new ChannelError("ERR_CHANNEL_IDENTITY", `not exactly one urn:dev: identity but "${names.join(", ")}"`);
  }
  return identity;
}

/** The certificate, if it is a client's of these authorities at this time. Throws ERR_CHANNEL_NO_CERTIFICATE, _CERTIFICATE_CHAIN, _TIME or _USAGE. */
export function checkCertificate(
  certificate: X509Certificate | undefined,
  authorities: readonly X509Certificate[],
  nowMs: number,
): X509Certificate {
  if (certificate === undefined) throw new ChannelError("ERR_CHANNEL_NO_CERTIFICATE", "the peer has no certificate");
  if (!authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey))) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_CHAIN", `the certificate of "${certificate.subject}" was not issued by our authority`);
  }
  if (nowMs < Date.parse(certificate.validFrom) || nowMs >= Date.parse(certificate.validTo)) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_TIME", `valid from ${certificate.validFrom} to ${certificate.validTo}`);
  }
  // keyUsage is Node's name for the extended key usage.
  if (certificate.ca || !(certificate.keyUsage ?? []).includes(CLIENT_AUTH)) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_USAGE", "the certificate is not one for client authentication");
  }
  return certificate;
}

/** What the TLS layer found wrong, as one of our codes. */
export function refusalCode(tlsCode: string): ChannelErrorCode {
  if (/NO_CERT|NOT_RETURN/.test(tlsCode)) return "ERR_CHANNEL_NO_CERTIFICATE";
  if (/EXPIRED|NOT_YET_VALID/.test(tlsCode)) return "ERR_CHANNEL_CERTIFICATE_TIME";
  return /PURPOSE/.test(tlsCode) ? "ERR_CHANNEL_CERTIFICATE_USAGE" : "ERR_CHANNEL_CERTIFICATE_CHAIN";
}

/** Claimed identities, for the report of a refusal too; nothing is believed of them there. */
export function deviceUris(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name.startsWith("URI:urn:dev:"));
  return names.map((name) => name.slice("URI:".length));
}
