/** What the issuing process tells the manager about a request, and what the manager answers. Keys are named by the SHA-256 of their SPKI, in hex. */
import { z } from "zod";

const name = z.string().min(1).max(255);
const keySha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Who was proved to be at the other end of the TLS connection. */
export const peerSchema = z.discriminatedUnion("kind", [
  /** By a certificate that its factory gave it; `serial` is the subject's serialNumber (IEEE 802.1AR §8.6). */
  z.strictObject({ kind: z.literal("factory"), vendor: name, serial: name }),
  /** By a certificate of the fleet's own authority. */
  z.strictObject({ kind: z.literal("operational"), id: name, keySha256, isExpired: z.boolean() }),
]);
export type EnrolmentPeer = z.infer<typeof peerSchema>;

export const claimSchema = z.strictObject({ peer: peerSchema, keySha256 });
export type Claim = z.infer<typeof claimSchema>;

export const expectedSchema = z.strictObject({ id: name, vendor: name, serial: name });
/** A factory identity and who it will be here. */
export type Expected = z.infer<typeof expectedSchema>;

export type WaitReason = "expired" | "enrolled-before" | "superseded";

export type Decision =
  | { readonly kind: "issue"; readonly id: string }
  /** An answer was lost: the same certificate (base64 DER) again. */
  | { readonly kind: "again"; readonly id: string; readonly certificate: string }
  | { readonly kind: "wait"; readonly id: string; readonly reason: WaitReason };

/** A request that waits for a person. */
export interface WaitingRequest {
  /** The first 16 digits of the key's digest: what a person compares with the device. */
  readonly request: string;
  readonly id: string;
  readonly reason: WaitReason;
  readonly atMs: number;
}
