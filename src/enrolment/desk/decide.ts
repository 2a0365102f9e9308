/**
 * Who gets a certificate: one rule, in the order in which it refuses. The identity comes from the record, never from the request.
 * What only looks wrong waits for a person; what is wrong is refused. Pure.
 */
import type { Claim, Decision, WaitReason } from "../claim.ts";
import { EnrolmentError } from "../errors.ts";
import { RENEWED_AFTER_SHARE } from "../limits.ts";

/** What is recorded of one identity. */
export interface IdentityRecord {
  readonly id: string;
  /** The key of its newest certificate. Absent: it never enrolled over the network. */
  readonly currentKey?: string;
  readonly certificate?: IssuedCertificate;
}

export interface IssuedCertificate {
  /** base64 DER */
  readonly der: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Facts {
  readonly record: IdentityRecord | undefined;
  readonly isDenied: boolean;
  /** Whose certificate holds the claimed key, if any does or did. */
  readonly keyOwner: string | undefined;
  /** What a person said about this key for this identity. */
  readonly word: "admitted" | "refused" | undefined;
  readonly nowMs: number;
}

/** Throws ERR_ENROLMENT_UNKNOWN, _DENIED, _KEY or _REFUSED. */
export function decide({ peer, keySha256 }: Claim, { record, isDenied, keyOwner, word, nowMs }: Facts): Decision {
  if (record === undefined) throw new EnrolmentError("ERR_ENROLMENT_UNKNOWN", `there is no record of ${nameOf(peer)}`);
  const { id } = record;
  if (isDenied) throw new EnrolmentError("ERR_ENROLMENT_DENIED", `${id} is on the deny list or in quarantine`);
  // A replayed request would bind somebody else's key to this identity.
  if (keyOwner !== undefined && keyOwner !== id) throw new EnrolmentError("ERR_ENROLMENT_KEY", "the key belongs to another identity");
  if (word === "refused") throw new EnrolmentError("ERR_ENROLMENT_REFUSED", `a person refused this key for ${id}`);
  if (keySha256 === record.currentKey && record.certificate !== undefined && isYoung(record.certificate, nowMs))
    return { kind: "again", id, certificate: record.certificate.der };
  if (word === "admitted") return { kind: "issue", id };
  const reason = doubt(peer, record);
  return reason === undefined ? { kind: "issue", id } : { kind: "wait", id, reason };
}

function doubt(peer: Claim["peer"], { currentKey }: IdentityRecord): WaitReason | undefined {
  // A factory's certificate is for the first time; later it is a factory reset, or a copy of it.
  if (peer.kind === "factory") return currentKey === undefined ? undefined : "enrolled-before";
  if (peer.isExpired) return "expired";
  // Whoever renews with an older certificate is a copy, or a device whose disk went back.
  return currentKey === undefined || currentKey === peer.keySha256 ? undefined : "superseded";
}

function isYoung({ notBeforeMs, notAfterMs }: IssuedCertificate, nowMs: number): boolean {
  return nowMs < notBeforeMs + (notAfterMs - notBeforeMs) * RENEWED_AFTER_SHARE;
}

function nameOf(peer: Claim["peer"]): string {
  return peer.kind === "factory" ? `${peer.vendor}'s device with the serial number ${peer.serial}` : peer.id;
}
