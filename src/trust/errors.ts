/** Why something is not believed. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type TrustErrorCode =
  | "ERR_TRUST_FORMAT"
  | "ERR_TRUST_TOO_LARGE"
  | "ERR_TRUST_ALGORITHM"
  | "ERR_TRUST_STATEMENT"
  | "ERR_TRUST_UNKNOWN_KEY"
  | "ERR_TRUST_SAME_PERSON"
  | "ERR_TRUST_SIGNATURE"
  | "ERR_TRUST_THRESHOLD"
  | "ERR_TRUST_COMMAND"
  | "ERR_TRUST_PAYLOAD"
  | "ERR_TRUST_EXPIRED"
  | "ERR_TRUST_NOT_YET"
  | "ERR_TRUST_DIRECTOR"
  | "ERR_TRUST_DIRECTOR_EXPIRED"
  | "ERR_TRUST_ROLLBACK"
  | "ERR_TRUST_GAP"
  | "ERR_TRUST_SCOPE"
  | "ERR_TRUST_CERTIFICATE"
  | "ERR_TRUST_KEY"
  | "ERR_TRUST_PASSPHRASE";

const forged = { actor: "producer", retry: false, status: 401 } as const;

export const TRUST_ERRORS: ErrorTable<TrustErrorCode> = {
  ERR_TRUST_FORMAT: { ...forged, help: "Send the JWS (RFC 7515) that is asked for, with no members but those it needs." },
  ERR_TRUST_TOO_LARGE: { ...forged, status: 400, help: "Shorten the message: a signed command fits one TCP segment." },
  ERR_TRUST_ALGORITHM: { ...forged, help: "Sign with EdDSA (Ed25519) or ES256, as the director says for the key." },
  ERR_TRUST_STATEMENT: { ...forged, help: "The signature is for another kind of statement; sign this one." },
  ERR_TRUST_UNKNOWN_KEY: { ...forged, help: "Sign with a key that the director lists for this kind of statement." },
  ERR_TRUST_SAME_PERSON: { ...forged, help: "Each signature comes from another person." },
  ERR_TRUST_SIGNATURE: {
    ...forged,
    help: "The bytes are not those that were signed: somebody changed them, or the key is another. Raise an alarm.",
  },
  ERR_TRUST_THRESHOLD: { ...forged, help: "More people must sign." },
  ERR_TRUST_COMMAND: {
    actor: "producer",
    retry: false,
    status: 400,
    help: "Draft the command anew: it lacks what a signed command must have.",
  },
  ERR_TRUST_PAYLOAD: { actor: "producer", retry: false, status: 400, help: "Draft the statement anew with this version of Edict." },
  ERR_TRUST_EXPIRED: { actor: "producer", retry: false, status: 403, help: "It is too late: draft and sign a new one." },
  ERR_TRUST_NOT_YET: { actor: "operator", retry: true, status: 403, help: "It is too early, or a clock is wrong." },
  ERR_TRUST_DIRECTOR: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "The director or the authority map is not one that can be used: draft it anew, or restore what was pinned at set-up.",
  },
  ERR_TRUST_DIRECTOR_EXPIRED: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Publish the next version of the director or of the authority map (docs/operate/keys.md); until then it can only stop things.",
  },
  ERR_TRUST_ROLLBACK: {
    ...forged,
    status: 403,
    help: "A newer version is believed already. If nobody sent the old one by mistake, raise an alarm.",
  },
  ERR_TRUST_GAP: {
    actor: "operator",
    retry: true,
    status: 403,
    help: "Send the versions in between first: each is signed by the one before.",
  },
  ERR_TRUST_SCOPE: {
    ...forged,
    status: 403,
    help: "The authority map gives this director no say here: ask its owner, or let the director who has it sign.",
  },
  ERR_TRUST_CERTIFICATE: { actor: "operator", retry: false, status: 500, help: "Check the authority's certificate and key files." },
  ERR_TRUST_KEY: { actor: "operator", retry: false, status: 500, help: "Use a key file that `edict keys` made, or import the key again." },
  ERR_TRUST_PASSPHRASE: { actor: "operator", retry: true, status: 401, help: "Type the passphrase of this key." },
};

export class TrustError extends EdictError<TrustErrorCode> {
  constructor(code: TrustErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, TRUST_ERRORS[code], message, options);
  }
}
