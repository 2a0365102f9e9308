/**
 * Who is at the other end. The identity is the `urn:dev:` name in the certificate's SAN (RFC 9039) and nothing that a
 * request says. Chain, term and usage are looked at here again, on resumed sessions too: the TLS layer's own word came
 * out wrong once (a self-signed certificate was reported as authorised until the connection closed).
 */
import { X509Certificate } from "node:crypto";

/** id-kp-clientAuth, RFC 5280 §4.2.1.12. */
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

export type PeerIdentity = { readonly ok: true; readonly deviceId: string } | { readonly ok: false; readonly reason: string };

/** A check against the certificates in `caPem`. */
export function peerChecker(caPem: string): (certificate: X509Certificate | undefined, nowMs: number) => PeerIdentity {
  const authorities = (caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
  return (certificate, nowMs) => {
    if (certificate === undefined) return refuse("no certificate");
    if (!authorities.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey)))
      return refuse("not issued by our authority");
    if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) return refuse("outside its term");
    if (certificate.ca || !certificate.keyUsage?.includes(CLIENT_AUTH)) return refuse("not meant for a client");
    const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => /^URI:urn:dev:[\w:.-]+$/.test(name));
    const [name] = names;
    if (name === undefined || names.length > 1) return refuse("not exactly one urn:dev name");
    return { ok: true, deviceId: name.slice("URI:".length) };
  };
}

function refuse(reason: string): PeerIdentity {
  return { ok: false, reason };
}
