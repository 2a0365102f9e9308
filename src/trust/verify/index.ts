/** Why something is believed: everything that verifies, and nothing that signs. */
export { sha256Hex } from "./digest.ts";
export { type VerifiedStatement, verifyStatement } from "./jws.ts";
export { type VerifiedCommand, verbOf, verifyCommand } from "./command.ts";
export { type Authority, encodeAuthority, followDocument, makeAuthority, parseAuthority, verifyCommandFor } from "./authority.ts";
export { DirectorHistory } from "./director-history.ts";
export { verifyNextDirector, verifyNextMap, verifySelfSigned } from "./succession.ts";
export { type SignedMessage, verifyMessageSignature } from "./message-signature.ts";
export { type VerifiedPermit, verifyCheckpoint, verifyDenyList, verifyHold, verifyPermit } from "./statements.ts";
