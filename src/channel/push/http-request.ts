/**
 * HTTP/1.1 requests out of a stream of bytes (RFC 9112), as much of it as the transfer of OpenC2 needs: POST with one message to
 * one path (HTTPS v1.1 §3.2). Whatever could be read in two ways is refused; after a refusal the stream is not read on. Pure.
 */
import { ChannelError } from "../errors.ts";
import { CHANNEL_PATH, type Head, HeadReader } from "../wire/http.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import { type MediaType, readMediaType } from "./media-type.ts";

export interface HttpRequest {
  readonly media: MediaType;
  /** X-Request-ID (HTTPS v1.1 §3.3.3). */
  readonly requestId?: string;
  readonly body: Uint8Array;
  /** The peer wants the connection closed after the answer. */
  readonly isLast: boolean;
}

interface Body {
  readonly bytes: Uint8Array;
  /** What follows the body, once it is whole. */
  push(chunk: Uint8Array): Uint8Array | undefined;
}

/** An origin server also takes the absolute form (RFC 9112 §3.2.2); which host it names does not matter to a server of one. */
const TARGET = new RegExp(`^(?:https?://[A-Za-z0-9.:[\\]-]+)?${CHANNEL_PATH.replaceAll(".", "\\.")}$`, "i");

export class RequestReader {
  readonly #onContinue: () => void;
  #head = new HeadReader();
  #read: Omit<HttpRequest, "body"> | undefined;
  #body: Body | undefined;
  #requestId: string | undefined;
  #isHead = false;

  /** `onContinue`: the peer waits for "100 Continue" before it sends the body (RFC 9110 §10.1.1). */
  constructor(onContinue: () => void) {
    this.#onContinue = onContinue;
  }

  /** Known as soon as the head was read, so that a refusal of the body can name it. */
  get requestId(): string | undefined {
    return this.#requestId;
  }

  /** Such a request is answered without a body (RFC 9110 §9.3.2). */
  get isHead(): boolean {
    return this.#isHead;
  }

  /** The request once it is whole, and the bytes behind it. Throws ChannelError. */
  push(chunk: Uint8Array): { readonly request: HttpRequest; readonly rest: Uint8Array } | undefined {
    const part = this.#body === undefined ? this.#readHead(chunk) : chunk;
    const rest = part === undefined ? undefined : this.#body?.push(part);
    if (rest === undefined || this.#read === undefined || this.#body === undefined) return undefined;
    const request = { ...this.#read, body: this.#body.bytes };
    this.#head = new HeadReader();
    this.#read = this.#body = this.#requestId = undefined;
    return { request, rest };
  }

  /** What stands behind the head, once that is whole. */
  #readHead(chunk: Uint8Array): Uint8Array | undefined {
    const head = this.#head.push(chunk);
    if (head === undefined) return undefined;
    this.#requestId = head.headers.get("x-request-id");
    this.#isHead = head.start.startsWith("HEAD ");
    this.#read = { media: checkHead(head), isLast: hasClose(head), ...(this.#requestId && { requestId: this.#requestId }) };
    this.#body = bodyOf(head);
    if (head.headers.has("expect") && head.rest.length === 0) this.#onContinue();
    return head.rest;
  }
}

/** In the order in which it decides whose request this is; the framing comes last, with the body. */
function checkHead({ start, headers }: Head): MediaType {
  const [method, target = "", version, ...more] = start.split(" ");
  // HTTP/2 begins with "PRI * HTTP/2.0"; HTTP/1.1 is the one that everybody must speak (HTTPS v1.1 §3.2.1).
  if (version !== "HTTP/1.1" || more.length > 0) throw new ChannelError("ERR_CHANNEL_HTTP", "the request is not one of HTTP/1.1");
  if (method !== "POST") throw new ChannelError("ERR_CHANNEL_METHOD", "only POST is served (HTTPS v1.1 §3.2.1)");
  if (!TARGET.test(target)) throw new ChannelError("ERR_CHANNEL_PATH", `only ${CHANNEL_PATH} is served (HTTPS v1.1 §3.2.2)`);
  if (!headers.get("host")) throw new ChannelError("ERR_CHANNEL_HTTP", "the header Host is missing (RFC 9112 §3.2)");
  const media = readMediaType(headers.get("content-type"));
  if (media === undefined || headers.has("content-encoding"))
    throw new ChannelError("ERR_CHANNEL_MEDIA_TYPE", "the body must be application/openc2+json;version=1.0 (HTTPS v1.1 §3.3.1)");
  const expect = headers.get("expect");
  if (expect !== undefined && expect.toLowerCase() !== "100-continue")
    throw new ChannelError("ERR_CHANNEL_HTTP", "the only expectation there is is 100-continue (RFC 9110 §10.1.1)");
  return media;
}

function bodyOf({ headers }: Head): Body {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (encoding === undefined) return sizedBody(length ?? "0");
  // Two lengths are how a request hides behind another (RFC 9112 §6.3).
  if (length !== undefined) throw new ChannelError("ERR_CHANNEL_HTTP", "Content-Length and Transfer-Encoding stand together");
  // A coding that is not known: 501 (RFC 9112 §6.1).
  if (encoding.toLowerCase() !== "chunked") throw new ChannelError("ERR_CHANNEL_METHOD", "the only transfer coding served is chunked");
  return new ChunkedBody();
}

function sizedBody(length: string): Body {
  if (!/^\d{1,15}$/.test(length)) throw new ChannelError("ERR_CHANNEL_HTTP", "Content-Length is not a number");
  if (Number(length) > BODY_BYTES_MAX)
    throw new ChannelError("ERR_CHANNEL_BODY", `the body has ${length} bytes, ${BODY_BYTES_MAX} are allowed`);
  return new SizedBody(Number(length));
}

class SizedBody implements Body {
  readonly bytes: Uint8Array;
  #filled = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    const part = chunk.subarray(0, this.bytes.length - this.#filled);
    this.bytes.set(part, this.#filled);
    this.#filled += part.length;
    return this.#filled === this.bytes.length ? chunk.subarray(part.length) : undefined;
  }
}

function hasClose({ headers }: Head): boolean {
  return /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(headers.get("connection") ?? "");
}
