/**
 * Who is at the other end, from the certificate and from nothing else. The TLS layer has checked it; it is checked again here,
 * because a handshake callback that says "ok" was seen for certificates that had failed (docs/adr/0001).
 */
import { X509Certificate } from "node:crypto";
import { ChannelError } from "../errors.ts";

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const DEVICE_URI = /^URI:(urn:dev:[A-Za-z0-9._:;=-]+)$/;

/** The device's `urn:dev:` identity. Throws ERR_CHANNEL_NO_CERTIFICATE, _CERTIFICATE_CHAIN, _TIME, _USAGE or ERR_CHANNEL_IDENTITY. */
export function identityOf(certificate: X509Certificate | undefined, authority: X509Certificate, nowMs: number): string {
  if (certificate === undefined) throw new ChannelError("ERR_CHANNEL_NO_CERTIFICATE", "the peer has no certificate");
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_CHAIN", `the certificate of "${certificate.subject}" was not issued by our authority`);
  }
  if (nowMs < Date.parse(certificate.validFrom) || nowMs >= Date.parse(certificate.validTo)) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_TIME", `valid from ${certificate.validFrom} to ${certificate.validTo}`);
  }
  // keyUsage is Node's name for the extended key usage.
  if (certificate.ca || !(certificate.keyUsage ?? []).includes(CLIENT_AUTH)) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_USAGE", "the certificate is not one for client authentication");
  }
  const [identity, ...others] = deviceUris(certificate);
  if (identity === undefined || others.length > 0) {
    throw new ChannelError(
      "ERR_CHANNEL_IDENTITY",
      `the certificate has ${others.length + (identity ? 1 : 0)} urn:dev: identities, not one`,
    );
  }
  return identity;
}

/** What the TLS layer found wrong, as one of our codes. */
export function refusalCode(
  tlsCode: string,
): "ERR_CHANNEL_CERTIFICATE_TIME" | "ERR_CHANNEL_CERTIFICATE_USAGE" | "ERR_CHANNEL_CERTIFICATE_CHAIN" {
  if (/EXPIRED|NOT_YET_VALID/.test(tlsCode)) return "ERR_CHANNEL_CERTIFICATE_TIME";
  return /PURPOSE/.test(tlsCode) ? "ERR_CHANNEL_CERTIFICATE_USAGE" : "ERR_CHANNEL_CERTIFICATE_CHAIN";
}

/** Claimed identities, for the report of a refusal; nothing is believed of them. */
export function deviceUris(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? "").split(", ").flatMap((name) => DEVICE_URI.exec(name)?.[1] ?? []);
}
