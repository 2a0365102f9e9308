/** The port to whatever keeps the records of enrolment. Calls are synchronous because the embedded store is. */
import type { Expected, WaitingRequest } from "../claim.ts";
import type { IdentityRecord, IssuedCertificate } from "./decide.ts";

export interface EnrolmentStore {
  /** Many calls in it are one transaction. */
  atomically<T>(work: () => T): T;
  /** Adds a factory identity; false when its id, or its serial number at this vendor, is bound otherwise. */
  expect(expected: Expected): boolean;
  byFactory(vendor: string, serial: string): IdentityRecord | undefined;
  byId(id: string): IdentityRecord | undefined;
  keyOwner(keySha256: string): string | undefined;
  /** The key is this identity's current one from now on. */
  putCertificate(id: string, keySha256: string, certificate: IssuedCertificate): void;
  word(id: string, keySha256: string): "admitted" | "refused" | undefined;
  /** Idempotent. Returns false when it waits already. */
  putWaiting(request: WaitingRequest & { readonly keySha256: string }): boolean;
  waiting(): readonly WaitingRequest[];
  /** Answers a request that waits; undefined when there is none. */
  answer(request: string, word: "admitted" | "refused"): WaitingRequest | undefined;
  /** A person's word is used up by the certificate that it allowed. */
  forget(id: string, keySha256: string): void;
}
