/**
 * Who is at the other end, from the certificate and from nothing else. The TLS layer has checked it; it is checked again here,
 * because a handshake callback that says "ok" was seen for certificates that had failed. A resumed session shows no more than
 * the leaf, so the leaf must stand by itself: one of the configured authorities has issued it directly.
 */
import { X509Certificate } from "node:crypto";
import { ChannelError, type ChannelErrorCode } from "../errors.ts";
import { DEVICE_ID_CHARACTERS_MAX } from "../limits.ts";
import { checkForm } from "./certificate-form.ts";

/** RFC 9039 §3.2: a subtype in lower case, then its body. The scheme's case is ours: ids are compared as they are. */
const DEVICE_ID = /^urn:dev:[a-z]+:[A-Za-z0-9._:;=-]+$/;

/** The authorities whose devices are let in: one, or two while one is replaced by the next. */
export function readAuthorities(caPem: string): readonly X509Certificate[] {
  const pems = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.map((pem) => new X509Certificate(pem));
}

/** The device's `urn:dev:` identity. Throws what `checkCertificate` throws, or ERR_CHANNEL_IDENTITY. */
export function identityOf(given: X509Certificate | undefined, authorities: readonly X509Certificate[], nowMs: number): string {
  const names = deviceUris(checkCertificate(given, authorities, nowMs));
  const [identity = ""] = names;
  if (names.length !== 1 || identity.length > DEVICE_ID_CHARACTERS_MAX || !DEVICE_ID.test(identity)) {
    throw new ChannelError("ERR_CHANNEL_IDENTITY", `not exactly one urn:dev: identity but "${names.join(", ")}"`);
  }
  return identity;
}

/** The certificate, if it is a client's of these authorities at this time. Throws ERR_CHANNEL_NO_CERTIFICATE, _CERTIFICATE_CHAIN, _TIME, _FORM or _USAGE. */
export function checkCertificate(
  certificate: X509Certificate | undefined,
  authorities: readonly X509Certificate[],
  nowMs: number,
): X509Certificate {
  if (certificate === undefined) throw new ChannelError("ERR_CHANNEL_NO_CERTIFICATE", "the peer has no certificate");
  const issuer = authorities.find((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  if (issuer === undefined) {
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_CHAIN", `the certificate of "${certificate.subject}" was not issued by our authority`);
  }
  checkTime(certificate, nowMs);
  checkTime(issuer, nowMs);
  checkForm(certificate, issuer);
  return certificate;
}

/**
 * What the TLS layer found wrong, as one of our codes. `isBroken`: the handshake itself failed, so that the peer has not even
 * proved that the certificate is its own.
 */
export function refusalOf(flaw: Error): { readonly code: ChannelErrorCode; readonly isBroken: boolean } {
  const tlsCode = "code" in flaw ? String(flaw.code) : "";
  // A system's code (EPROTO, ECONNRESET), not OpenSSL's verdict on a certificate (CERT_HAS_EXPIRED, UNSPECIFIED).
  const isBroken = /^E[A-Z]+$/.test(tlsCode);
  if (/DID_NOT_RETURN_A_CERTIFICATE/.test(flaw.message)) return { code: "ERR_CHANNEL_NO_CERTIFICATE", isBroken };
  if (/KEY_USAGE/.test(flaw.message) || tlsCode === "INVALID_PURPOSE") return { code: "ERR_CHANNEL_CERTIFICATE_USAGE", isBroken };
  if (tlsCode === "CERT_HAS_EXPIRED" || tlsCode === "CERT_NOT_YET_VALID") return { code: "ERR_CHANNEL_CERTIFICATE_TIME", isBroken };
  return { code: isBroken ? "ERR_CHANNEL_HANDSHAKE" : "ERR_CHANNEL_CERTIFICATE_CHAIN", isBroken };
}

/** Claimed identities, for the report of a refusal too; nothing is believed of them there. */
export function deviceUris(certificate: X509Certificate): readonly string[] {
  // The runtime writes a comma within a name as \u002c (CVE-2021-44532): what is split here are the names themselves.
  const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name.startsWith("URI:urn:dev:"));
  return names.map((name) => name.slice("URI:".length));
}

function checkTime({ validFrom, validTo }: X509Certificate, nowMs: number): void {
  if (nowMs < Date.parse(validFrom) || nowMs >= Date.parse(validTo))
    throw new ChannelError("ERR_CHANNEL_CERTIFICATE_TIME", `valid from ${validFrom} to ${validTo}`);
}
