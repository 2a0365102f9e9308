/** Why a consumer does not do what a command that it could read asks for. */
import { EdictError, type ErrorFacts, type ErrorTable } from "../edict-error.ts";

export type ConsumerErrorCode =
  | "ERR_CONSUMER_NOT_A_REQUEST"
  | "ERR_CONSUMER_NOT_ADDRESSED"
  | "ERR_CONSUMER_UNAUTHENTICATED"
  | "ERR_CONSUMER_FORBIDDEN"
  | "ERR_CONSUMER_UNSUPPORTED"
  | "ERR_CONSUMER_TIMES"
  | "ERR_CONSUMER_EXPIRED"
  | "ERR_CONSUMER_ID"
  | "ERR_CONSUMER_RATE"
  | "ERR_CONSUMER_FULL"
  | "ERR_CONSUMER_STORE"
  | "ERR_CONSUMER_CANCELLED"
  | "ERR_CONSUMER_NOTHING_TO_CANCEL"
  | "ERR_CONSUMER_FAULT"
  | "ERR_CONSUMER_HANDLER_TIME"
  | "ERR_CONSUMER_INTERRUPTED";

const bad: ErrorFacts = { actor: "producer", retry: false, status: 400, help: "" };
const ours: ErrorFacts = { actor: "us", retry: false, status: 500, help: "Look at the consumer's log." };

export const CONSUMER_ERRORS: ErrorTable<ConsumerErrorCode> = {
  ERR_CONSUMER_NOT_A_REQUEST: { ...bad, help: "Send requests to a consumer; it never answers responses." },
  ERR_CONSUMER_NOT_ADDRESSED: { ...bad, status: 404, help: "Send it to one of the consumers that `to` names." },
  ERR_CONSUMER_UNAUTHENTICATED: { ...bad, actor: "operator", status: 401, help: "Present an identity that the consumer knows." },
  ERR_CONSUMER_FORBIDDEN: {
    ...bad,
    actor: "operator",
    status: 403,
    help: "Let the consumer's owner allow this peer this action and target.",
  },
  ERR_CONSUMER_UNSUPPORTED: { ...bad, status: 501, help: "Ask `query features` which pairs are supported." },
  ERR_CONSUMER_TIMES: { ...bad, help: "Let it start within a year, and before it stops (LS 1.0 §3.3.1.4)." },
  ERR_CONSUMER_EXPIRED: { ...bad, status: 403, help: "Send a new command: this one was to stop before it could start." },
  ERR_CONSUMER_ID: { ...bad, help: "Give another command another id, of at most 256 characters." },
  ERR_CONSUMER_RATE: { ...bad, retry: true, status: 503, help: "Send fewer commands a minute: `query features` says how many." },
  ERR_CONSUMER_FULL: { ...bad, retry: true, status: 503, help: "Send it again later; nothing was accepted." },
  ERR_CONSUMER_STORE: { ...ours, retry: true, status: 503, help: "Look at the consumer's disk; nothing was accepted." },
  ERR_CONSUMER_CANCELLED: { ...bad, status: 403, help: "Send a new command: this one was cancelled." },
  ERR_CONSUMER_NOTHING_TO_CANCEL: { ...bad, status: 404, help: "It is unknown, has started or is done; if unknown, it will not start." },
  ERR_CONSUMER_FAULT: ours,
  ERR_CONSUMER_HANDLER_TIME: { ...ours, help: "It took too long; what it did, a query may tell." },
  ERR_CONSUMER_INTERRUPTED: { ...ours, help: "The consumer stopped each time while it did this: look at its log." },
};

export class ConsumerError extends EdictError<ConsumerErrorCode> {
  constructor(code: ConsumerErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, CONSUMER_ERRORS[code], message, options);
  }
}
