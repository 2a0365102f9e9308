/**
 * A check-in that the device itself has signed: a JWS (RFC 7515) with the key of its certificate, which it carries as `x5c` (§4.1.6), over
 * the exact text of the check-in. On the channel the payload is left out (Appendix F), because the check-in stands beside it; kept as
 * evidence it is whole. What it says can then be verified by anybody who knows the authority, without trust in whoever carried or
 * kept it. What can still be done to it is to leave it out, or to show an older one again: `boot` tells them apart. Pure.
 */
import { base64url } from "jose";

/** Not one of the statements that people sign (verify/jws.ts): a device's key never passes for a person's. */
export const CHECK_IN_TYPE = "check-in";

/** What is signed, of the check-in's text as it stands in the message. */
export function signingInput(protectedText: string, checkInText: string): string {
  return `${protectedText}.${base64url.encode(checkInText)}`;
}

/** The whole statement, from the check-in's text and the proof (`<protected>..<signature>`) that came with it. */
export function statementOf(checkInText: string, proof: string): string {
  const [protectedText = "", , signature = ""] = proof.split(".");
  return `${signingInput(protectedText, checkInText)}.${signature}`;
}
