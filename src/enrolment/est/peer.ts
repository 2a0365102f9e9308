/**
 * Who is at the other end: a device with its factory's certificate, or one with a certificate of ours, which may have expired
 * while the device slept. The TLS layer only proves that the peer holds the certificate's key; everything else is checked here.
 */
import "reflect-metadata";
import { createHash, X509Certificate } from "node:crypto";
import { X509Certificate as NamedCertificate } from "@peculiar/x509";
import { identityOf } from "../../channel/gateway/peer-identity.ts";
import type { EnrolmentPeer } from "../claim.ts";
import { EnrolmentError } from "../errors.ts";

/** A manufacturer's authority, as it was pinned: its certificates say who of this vendor a device is, and nothing about others. */
export interface Factory {
  readonly vendor: string;
  readonly authorities: readonly X509Certificate[];
}

/** id-at-serialNumber (X.520), in the subject of an IEEE 802.1AR certificate. */
const SERIAL_NUMBER = "2.5.4.5";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
/** With checkIssued, verify and the term; curves as the gateway has them. */
const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const RSA_BITS_MIN = 2_048;

/** Throws ERR_ENROLMENT_PEER. */
export function factoryPeer(certificate: X509Certificate, factories: readonly Factory[], nowMs: number): EnrolmentPeer {
  const factory = factories.find(({ authorities }) => authorities.some((authority) => isIssuedBy(certificate, authority)));
  if (factory === undefined) throw refused("it was not issued by a factory that is known here");
  if (nowMs < Date.parse(certificate.validFrom) || nowMs >= Date.parse(certificate.validTo)) throw refused("it is outside its term");
  // Factories often leave the usage out, which allows all (RFC 5280 §4.2.1.12).
  if (certificate.ca || (certificate.keyUsage !== undefined && !certificate.keyUsage.includes(CLIENT_AUTH)))
    throw refused("it is not for client authentication");
  if (!isStrong(certificate)) throw refused("its key is too weak");
  const [serial, ...more] = new NamedCertificate(certificate.raw).subjectName.getField(SERIAL_NUMBER);
  if (serial === undefined || more.length > 0) throw refused("its subject has not exactly one serialNumber");
  return { kind: "factory", vendor: factory.vendor, serial };
}

/** Throws ERR_CHANNEL_* as the gateway does, but for the time: a certificate that has expired is a reason to ask a person. */
export function operationalPeer(certificate: X509Certificate, authorities: readonly X509Certificate[], nowMs: number): EnrolmentPeer {
  const isExpired = nowMs >= Date.parse(certificate.validTo);
  const id = identityOf(certificate, authorities, isExpired ? Date.parse(certificate.validTo) - 1 : nowMs);
  return { kind: "operational", id, keySha256: sha256(certificate.publicKey.export({ type: "spki", format: "der" })), isExpired };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isStrong({ publicKey: { asymmetricKeyType: type, asymmetricKeyDetails: details } }: X509Certificate): boolean {
  return type === "rsa" ? (details?.modulusLength ?? 0) >= RSA_BITS_MIN : type === "ec" && CURVES.has(details?.namedCurve ?? "");
}

function refused(why: string): EnrolmentError {
  return new EnrolmentError("ERR_ENROLMENT_PEER", `the factory certificate is refused: ${why}`);
}
