/** Why a device gets no certificate. The HTTP status of an answer is the `status` given here (RFC 7030 §4.2.3). */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type EnrolmentErrorCode =
  | "ERR_ENROLMENT_PEER"
  | "ERR_ENROLMENT_REQUEST"
  | "ERR_ENROLMENT_KEY"
  | "ERR_ENROLMENT_POSSESSION"
  | "ERR_ENROLMENT_IDENTITY"
  | "ERR_ENROLMENT_UNKNOWN"
  | "ERR_ENROLMENT_DENIED"
  | "ERR_ENROLMENT_REFUSED"
  | "ERR_ENROLMENT_PACE"
  | "ERR_ENROLMENT_MANAGER"
  | "ERR_ENROLMENT_EXPECTED"
  | "ERR_ENROLMENT_NOT_FOUND";

const device = { actor: "device", retry: false } as const;
const operator = { actor: "operator", retry: false } as const;

export const ENROLMENT_ERRORS: ErrorTable<EnrolmentErrorCode> = {
  ERR_ENROLMENT_PEER: {
    ...device,
    status: 403,
    help: "Connect with the certificate that the factory or this authority gave the device (docs/operate/enrolment.md).",
  },
  ERR_ENROLMENT_REQUEST: { ...device, status: 400, help: "Send a PKCS #10 request, DER in base64 (RFC 7030 §4.2.1)." },
  ERR_ENROLMENT_KEY: { ...device, status: 400, help: "Make a new key on the device: P-256 or P-384, used by no other identity." },
  ERR_ENROLMENT_POSSESSION: { ...device, status: 400, help: "Sign the request with the key that is in it." },
  ERR_ENROLMENT_IDENTITY: {
    ...device,
    status: 403,
    help: "Leave the names out of the request: they come from the record. If nobody made a mistake, raise an alarm.",
  },
  ERR_ENROLMENT_UNKNOWN: { ...operator, status: 403, help: "Import the device, then tell `edict enrolment expect` its serial number." },
  ERR_ENROLMENT_DENIED: { ...operator, status: 403, help: "Take the device off the deny list first: `edict deny --release`." },
  ERR_ENROLMENT_REFUSED: { ...operator, status: 403, help: "A person refused this key; a device that is genuine makes a new one." },
  ERR_ENROLMENT_PACE: { ...device, retry: true, status: 503, help: "Wait as long as Retry-After says." },
  ERR_ENROLMENT_MANAGER: { ...operator, retry: true, status: 503, help: "See that the manager runs; devices ask again by themselves." },
  ERR_ENROLMENT_EXPECTED: { ...operator, status: 403, help: "Give the device a new id: an id is bound to one factory identity for good." },
  ERR_ENROLMENT_NOT_FOUND: { ...operator, status: 404, help: "Check the request with `edict enrolment pending`." },
};

export class EnrolmentError extends EdictError<EnrolmentErrorCode> {
  constructor(code: EnrolmentErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, ENROLMENT_ERRORS[code], message, options);
  }
}
