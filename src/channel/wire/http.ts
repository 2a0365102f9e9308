/** The little HTTP/1.1 that opens a channel (RFC 9112, RFC 6455 §4): one request head up, one response head down. Pure. */
import { sha1 } from "@noble/hashes/legacy.js";
import { ChannelError } from "../errors.ts";
import { HEAD_BYTES_MAX, HEAD_LINES_MAX } from "../limits.ts";

export const CHANNEL_PATH = "/.well-known/openc2";
export const SUBPROTOCOL = "openc2";

const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** These may stand on several lines (RFC 9110 §5.3, RFC 6455 §11.3.2 and §11.3.4); any other header that does is smuggled. */
const LISTS: ReadonlySet<string> = new Set(["connection", "upgrade", "sec-websocket-protocol", "sec-websocket-extensions"]);

const REASONS = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  411: "Length Required",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  426: "Upgrade Required",
  429: "Too Many Requests",
  501: "Not Implemented",
  503: "Service Unavailable",
} as const;
export type ErrorStatus = keyof typeof REASONS;

const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const FIELD_VALUE = /^[\x20-\x7e\t]*$/;
const encoder = new TextEncoder();
/** Latin-1 never fails: what is not ASCII is refused by the patterns below. */
const latin1 = new TextDecoder("latin1");

export interface Head {
  /** Request line or status line. */
  readonly start: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What came behind the head. */
  readonly rest: Uint8Array;
}

/** Collects a head that arrives in pieces. */
export class HeadReader {
  #bytes: Uint8Array = new Uint8Array(0);

  /** The head once it is whole. Throws ERR_CHANNEL_HTTP when it is malformed or too long. */
  push(chunk: Uint8Array): Head | undefined {
    const bytes = this.#bytes.length === 0 ? chunk : joined(this.#bytes, chunk);
    this.#bytes = bytes;
    const end = endOfHead(bytes);
    if (end < 0 && bytes.length <= HEAD_BYTES_MAX) return undefined;
    if (end < 0 || end > HEAD_BYTES_MAX) throw malformed(`the head is longer than ${HEAD_BYTES_MAX} bytes`);
    return parseHead(latin1.decode(bytes.subarray(0, end - 4)), bytes.slice(end));
  }
}

/** RFC 6455 §4.2.2: proof that the server read the key. */
export function acceptKey(key: string): string {
  return base64(sha1(encoder.encode(key + ACCEPT_GUID)));
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function upgradeRequest(host: string, key: string): Uint8Array {
  return encoder.encode(
    `GET ${CHANNEL_PATH} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  );
}

export function upgradeResponse(key: string): Uint8Array {
  return encoder.encode(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n` +
      `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  );
}

/** What was posted is taken. */
export function takenResponse(): Uint8Array {
  return encoder.encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

export function errorResponse(status: ErrorStatus, code: string, retryAfterSeconds?: number): Uint8Array {
  const reason = REASONS[status];
  const retry = retryAfterSeconds === undefined ? "" : `Retry-After: ${retryAfterSeconds}\r\n`;
  // RFC 9110 §15.5.22, RFC 6455 §4.4: what the peer should have asked for.
  const wanted = status === 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : "";
  return encoder.encode(
    `HTTP/1.1 ${status} ${reason}\r\n${retry}${wanted}Content-Type: text/plain\r\nContent-Length: ${code.length}\r\nConnection: close\r\n\r\n${code}`,
  );
}

/** The client's key when this is a proper upgrade to a channel, else the HTTP status that says why not. */
export function checkUpgrade({ start, headers }: Head): { readonly key: string } | { readonly status: ErrorStatus } {
  const [method, target, version] = start.split(" ");
  if (version !== "HTTP/1.1") return { status: 400 };
  if (method !== "GET") return { status: 501 };
  if (target !== CHANNEL_PATH) return { status: 404 };
  const key = headers.get("sec-websocket-key") ?? "";
  const isUpgrade = hasToken(headers, "upgrade", "websocket") && hasToken(headers, "connection", "upgrade");
  if (!isUpgrade || headers.get("sec-websocket-version") !== "13") return { status: 426 };
  if (!isOwnOrigin(headers)) return { status: 403 };
  const isOurs = hasToken(headers, "sec-websocket-protocol", SUBPROTOCOL) && /^[A-Za-z0-9+/]{22}==$/.test(key) && headers.has("host");
  return isOurs ? { key } : { status: 400 };
}

/**
 * RFC 6455 §10.2: a browser shows its client certificate to any page's connection, and says whose page it is. Devices have no
 * origin; a page of another server must not speak as one.
 */
export function isOwnOrigin(headers: ReadonlyMap<string, string>): boolean {
  const origin = headers.get("origin");
  return origin === undefined || origin.toLowerCase().replace(/^https?:\/\//, "") === headers.get("host")?.toLowerCase();
}

/** Whether a header that is a list names this. */
export function hasToken(headers: ReadonlyMap<string, string>, name: string, token: string): boolean {
  return (headers.get(name) ?? "")
    .toLowerCase()
    .split(",")
    .some((part) => part.trim() === token);
}

function parseHead(head: string, rest: Uint8Array): Head {
  const [start = "", ...lines] = head.split("\r\n");
  if (lines.length > HEAD_LINES_MAX) throw malformed(`more than ${HEAD_LINES_MAX} header lines`);
  if (!/^[\x21-\x7e]+ [\x20-\x7e]+$/.test(start)) throw malformed("the first line is malformed");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const text = line.slice(colon + 1);
    if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(text)) throw malformed("a header line is malformed");
    const known = headers.get(name);
    if (known !== undefined && !LISTS.has(name)) throw malformed(`the header ${name} stands twice`);
    // Of what a value may hold, this trims spaces and tabs and nothing else.
    const value = text.trim();
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return { start, headers, rest };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** The offset behind the empty line, or -1. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = 3; at < bytes.length; at += 1) {
    if (bytes[at] === 0x0a && bytes[at - 1] === 0x0d && bytes[at - 2] === 0x0a && bytes[at - 3] === 0x0d) return at + 1;
  }
  return -1;
}

function malformed(why: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_HTTP", why);
}
