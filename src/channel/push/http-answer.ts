/** One HTTP/1.1 answer as bytes: the statuses are OpenC2's (HTTPS v1.1 §4.2.1), and nothing a peer said gets into a header. Pure. */
import type { Status } from "../../openc2/model.ts";
import { REQUEST_ID_CHARACTERS_MAX } from "./limits.ts";

export interface HttpAnswer {
  readonly status: Status;
  readonly nowMs: number;
  readonly requestId?: string | undefined;
  /** Absent: nothing may be said. */
  readonly message?: { readonly type: string; readonly bytes: Uint8Array } | undefined;
  readonly retryAfterSeconds?: number;
  /** We close the connection after it. */
  readonly isLast: boolean;
}

/** 102 cannot end an exchange (RFC 9110 §15.2): it travels inside 200. */
const START_LINES: Readonly<Record<Status, string>> = {
  102: "HTTP/1.1 200 OK",
  200: "HTTP/1.1 200 OK",
  400: "HTTP/1.1 400 Bad Request",
  401: "HTTP/1.1 401 Unauthorized",
  403: "HTTP/1.1 403 Forbidden",
  404: "HTTP/1.1 404 Not Found",
  500: "HTTP/1.1 500 Internal Server Error",
  501: "HTTP/1.1 501 Not Implemented",
  503: "HTTP/1.1 503 Service Unavailable",
};

const COPYABLE = /^[\x21-\x7e]+$/;
const encoder = new TextEncoder();

export function encodeAnswer({ status, nowMs, requestId, message, retryAfterSeconds, isLast }: HttpAnswer): Uint8Array {
  const head =
    `${START_LINES[status]}\r\nDate: ${httpDate(nowMs)}\r\nCache-Control: no-cache\r\n` +
    (message === undefined ? "" : `Content-Type: ${message.type}\r\n`) +
    (isCopyable(requestId) ? `X-Request-ID: ${requestId}\r\n` : "") +
    (retryAfterSeconds === undefined ? "" : `Retry-After: ${retryAfterSeconds}\r\n`) +
    (isLast ? "Connection: close\r\n" : "") +
    `Content-Length: ${message?.bytes.length ?? 0}\r\n\r\n`;
  const bytes = new Uint8Array(head.length + (message?.bytes.length ?? 0));
  encoder.encodeInto(head, bytes);
  if (message !== undefined) bytes.set(message.bytes, head.length);
  return bytes;
}

/** An id from a message's body may hold anything, line ends too. */
export function isCopyable(id: string | undefined): id is string {
  return id !== undefined && id.length <= REQUEST_ID_CHARACTERS_MAX && COPYABLE.test(id);
}

let second = -1;
let date = "";

/** IMF-fixdate (RFC 9110 §5.6.7), printed once a second. */
function httpDate(nowMs: number): string {
  const now = Math.floor(nowMs / 1_000);
  if (now !== second) {
    second = now;
    date = new Date(nowMs).toUTCString();
  }
  return date;
}
