/**
 * What may be asked of a gateway at its one path: a WebSocket, a stream of events, or to take one message of a device that
 * reads such a stream. Everything else gets the status that says why not. Pure.
 */
import { UPWARD_MESSAGE_BYTES_MAX } from "../limits.ts";
import { CHANNEL_PATH, checkUpgrade, type ErrorStatus, type Head, hasToken, isOwnOrigin } from "./http.ts";

/** Check-ins and what else is Edict's own and not OpenC2's. */
export const EDICT_JSON = "application/vnd.edict+json";
/** OpenC2 over HTTPS v1.1 §3.3.1. */
export const OPENC2_JSON = "application/openc2+json;version=1.0";

export interface PostRequest {
  readonly kind: "post";
  readonly type: typeof EDICT_JSON | typeof OPENC2_JSON;
  readonly bytes: number;
  /** What the stream's first event said, proof that the sender is who reads it. */
  readonly channel: string;
}

export type GatewayRequest =
  | { readonly kind: "websocket"; readonly key: string }
  /** `lastSeq`: the newest order that came on a stream before, undefined when it does not say. */
  | { readonly kind: "stream"; readonly lastSeq: number | undefined }
  | PostRequest;

export function readRequest(head: Head): GatewayRequest | { readonly status: ErrorStatus } {
  const { start, headers } = head;
  if (start === `POST ${CHANNEL_PATH} HTTP/1.1`) return readPost(head);
  const isStream = hasToken(headers, "accept", "text/event-stream") && !headers.has("upgrade");
  if (isStream && start === `GET ${CHANNEL_PATH} HTTP/1.1`) return readStream(head);
  const upgrade = checkUpgrade(head);
  return "status" in upgrade ? upgrade : { kind: "websocket", key: upgrade.key };
}

function readStream({ headers }: Head): GatewayRequest | { readonly status: ErrorStatus } {
  if (!isOwnOrigin(headers)) return { status: 403 };
  if (!headers.has("host") || hasBody(headers)) return { status: 400 };
  const id = headers.get("last-event-id") ?? "";
  // Of another gateway, or invented: as if nothing had been said.
  const lastSeq = /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  return { kind: "stream", lastSeq };
}

function readPost({ headers }: Head): PostRequest | { readonly status: ErrorStatus } {
  if (!isOwnOrigin(headers)) return { status: 403 };
  // Two lengths of one body are how requests are smuggled (RFC 9112 §6.1); a device knows what it says before it says it.
  if (!headers.has("host") || headers.has("transfer-encoding")) return { status: 400 };
  const length = headers.get("content-length");
  if (length === undefined) return { status: 411 };
  if (!/^[1-9]\d{0,8}$/.test(length)) return { status: 400 };
  if (Number(length) > UPWARD_MESSAGE_BYTES_MAX) return { status: 413 };
  const type = (headers.get("content-type") ?? "").toLowerCase().replaceAll(/[ \t]/g, "");
  if (type !== EDICT_JSON && type !== OPENC2_JSON) return { status: 415 };
  return { kind: "post", type, bytes: Number(length), channel: headers.get("edict-channel") ?? "" };
}

function hasBody(headers: Head["headers"]): boolean {
  return headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
}
