/** What the management side refuses, and what to do about it. The HTTP status of an answer is the `status` given here. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type ServerErrorCode =
  | "ERR_SERVER_STATE"
  | "ERR_SERVER_RUNNING"
  | "ERR_SERVER_PORT"
  | "ERR_SERVER_UNAUTHORISED"
  | "ERR_SERVER_FORBIDDEN"
  | "ERR_SERVER_NOT_FOUND"
  | "ERR_SERVER_REQUEST"
  | "ERR_SERVER_RELEASE"
  | "ERR_SERVER_UNSUPPORTED"
  | "ERR_SERVER_UNDERWAY"
  | "ERR_SERVER_VERIFICATION";

export const SERVER_ERRORS: ErrorTable<ServerErrorCode> = {
  ERR_SERVER_STATE: { actor: "operator", retry: false, status: 500, help: "Point --state at a directory that `edict init` made." },
  ERR_SERVER_RUNNING: { actor: "operator", retry: true, status: 503, help: "Stop the other server first; one state directory has one." },
  ERR_SERVER_PORT: { actor: "operator", retry: true, status: 503, help: "Free the port, or change it in edict.json." },
  ERR_SERVER_UNAUTHORISED: { actor: "operator", retry: false, status: 401, help: "Send the bearer token that `edict init` wrote for you." },
  ERR_SERVER_FORBIDDEN: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "The issuing process claims and records certificates, a monitor reads status and metrics, people do the rest: use the token for it.",
  },
  ERR_SERVER_NOT_FOUND: { actor: "operator", retry: false, status: 404, help: "Check the id with `edict status`." },
  ERR_SERVER_REQUEST: { actor: "producer", retry: false, status: 400, help: "Mend the request at the place that the message names." },
  ERR_SERVER_RELEASE: {
    actor: "producer",
    retry: false,
    status: 403,
    help: "Order the bytes that are published: `edict release` says their size and digest.",
  },
  ERR_SERVER_UNSUPPORTED: { actor: "producer", retry: false, status: 501, help: "Leave out what the message names." },
  ERR_SERVER_UNDERWAY: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Call it back with `edict cancel`: devices obey a person's signature only.",
  },
  ERR_SERVER_VERIFICATION: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Begin one with `edict verify ID`.",
  },
};

export class ServerError extends EdictError<ServerErrorCode> {
  constructor(code: ServerErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, SERVER_ERRORS[code], message, options);
  }
}
