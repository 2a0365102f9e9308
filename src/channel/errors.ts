/** Why a connection, a message or an order is refused on the way. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type ChannelErrorCode =
  | "ERR_CHANNEL_NO_CERTIFICATE"
  | "ERR_CHANNEL_CERTIFICATE_CHAIN"
  | "ERR_CHANNEL_CERTIFICATE_TIME"
  | "ERR_CHANNEL_CERTIFICATE_USAGE"
  | "ERR_CHANNEL_CERTIFICATE_FORM"
  | "ERR_CHANNEL_HANDSHAKE"
  | "ERR_CHANNEL_IDENTITY"
  | "ERR_CHANNEL_UNKNOWN_DEVICE"
  | "ERR_CHANNEL_OTHER_TENANT"
  | "ERR_CHANNEL_DENIED"
  | "ERR_CHANNEL_QUARANTINED"
  | "ERR_CHANNEL_BUSY"
  | "ERR_CHANNEL_HTTP"
  | "ERR_CHANNEL_FRAME"
  | "ERR_CHANNEL_MESSAGE"
  | "ERR_CHANNEL_BUDGET"
  | "ERR_CHANNEL_TIMEOUT"
  | "ERR_CHANNEL_TOO_SLOW"
  | "ERR_CHANNEL_REPLACED"
  | "ERR_CHANNEL_NO_STREAM"
  | "ERR_CHANNEL_ORDER"
  | "ERR_CHANNEL_COMMAND"
  | "ERR_CHANNEL_WIDENED"
  | "ERR_CHANNEL_MANAGER"
  | "ERR_CHANNEL_BROKER"
  | "ERR_CHANNEL_MQTT"
  | "ERR_CHANNEL_METHOD"
  | "ERR_CHANNEL_PATH"
  | "ERR_CHANNEL_MEDIA_TYPE"
  | "ERR_CHANNEL_BODY"
  | "ERR_CHANNEL_PEER"
  | "ERR_CHANNEL_TARGET"
  | "ERR_CHANNEL_UNREACHABLE"
  | "ERR_CHANNEL_RESPONSE"
  | "ERR_CHANNEL_FAULT";

const certificate = { actor: "device", retry: false, status: 401 } as const;
const message = { actor: "device", retry: false, status: 400 } as const;
const forged = { actor: "us", retry: false, status: 403 } as const;

export const CHANNEL_ERRORS: ErrorTable<ChannelErrorCode> = {
  ERR_CHANNEL_NO_CERTIFICATE: { ...certificate, help: "Present the device's certificate." },
  ERR_CHANNEL_CERTIFICATE_CHAIN: { ...certificate, help: "Enrol the device with this authority." },
  ERR_CHANNEL_CERTIFICATE_TIME: { ...certificate, help: "Renew the certificate, or set the device's clock." },
  ERR_CHANNEL_CERTIFICATE_USAGE: { ...certificate, help: "Issue a certificate for client authentication." },
  ERR_CHANNEL_CERTIFICATE_FORM: {
    ...certificate,
    help: "Issue an X.509 v3 certificate below 4 KiB, signed with SHA-256, for a key on P-256.",
  },
  ERR_CHANNEL_HANDSHAKE: { ...certificate, help: "Speak TLS 1.3 and sign with the certificate's own key." },
  ERR_CHANNEL_IDENTITY: { ...certificate, help: "Issue a certificate with exactly one urn:dev: identity (RFC 9039)." },
  ERR_CHANNEL_UNKNOWN_DEVICE: { ...certificate, actor: "operator", status: 403, help: "Import the device into the fleet." },
  ERR_CHANNEL_OTHER_TENANT: { ...certificate, actor: "operator", status: 403, help: "The device belongs to another tenant's gateway." },
  ERR_CHANNEL_DENIED: { ...certificate, actor: "operator", status: 403, help: "The device is on the deny list (`edict deny`)." },
  ERR_CHANNEL_QUARANTINED: {
    ...certificate,
    actor: "operator",
    status: 403,
    help: "Two devices use this identity: find out which is genuine, then `edict deny`, with or without --release.",
  },
  ERR_CHANNEL_BUSY: { actor: "device", retry: true, status: 503, help: "Come back later." },
  ERR_CHANNEL_HTTP: {
    ...message,
    help: "Send plain HTTP/1.1 to /.well-known/openc2: an upgrade to a WebSocket of subprotocol openc2 or a GET of text/event-stream to a gateway, a POST to a consumer.",
  },
  ERR_CHANNEL_FRAME: { ...message, help: "Frame messages as RFC 6455 says." },
  ERR_CHANNEL_MESSAGE: { ...message, help: "Send check-ins and OpenC2 responses, nothing else." },
  ERR_CHANNEL_BUDGET: { ...message, retry: true, help: "Send less." },
  ERR_CHANNEL_TIMEOUT: { ...message, retry: true, help: "Come back." },
  ERR_CHANNEL_TOO_SLOW: { ...message, retry: true, status: 503, help: "Come back when there is room to receive." },
  ERR_CHANNEL_REPLACED: { ...message, retry: false, help: "A newer channel of the same identity took over." },
  ERR_CHANNEL_NO_STREAM: {
    ...message,
    retry: true,
    status: 503,
    help: "Open the stream of events first, then post with the secret of its hello; behind several workers try again.",
  },
  ERR_CHANNEL_ORDER: { ...forged, help: "An order does not fit its permit: raise an alarm." },
  ERR_CHANNEL_COMMAND: { ...forged, help: "Somebody exchanged a command after it was signed: raise an alarm." },
  ERR_CHANNEL_WIDENED: { ...forged, help: "Somebody widened a cohort after it was signed: raise an alarm." },
  ERR_CHANNEL_MANAGER: { actor: "us", retry: true, status: 503, help: "Look at the manager." },
  ERR_CHANNEL_BROKER: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "Look at the broker: its address, certificates and access list.",
  },
  ERR_CHANNEL_MQTT: { ...message, actor: "producer", help: "Publish as OpenC2 over MQTT v1.0 §3.2 says." },
  ERR_CHANNEL_METHOD: { actor: "producer", retry: false, status: 501, help: "POST one message to a request, as it is or in chunks." },
  ERR_CHANNEL_PATH: { actor: "producer", retry: false, status: 404, help: "POST to /.well-known/openc2." },
  ERR_CHANNEL_MEDIA_TYPE: { actor: "producer", retry: false, status: 400, help: "Send Content-Type: application/openc2+json;version=1.0." },
  ERR_CHANNEL_BODY: { actor: "producer", retry: false, status: 400, help: "Send a shorter message." },
  ERR_CHANNEL_PEER: { actor: "operator", retry: false, status: 403, help: "Let the consumer's owner name this peer among its producers." },
  ERR_CHANNEL_TARGET: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "Give certificates (operations) or ask for plain HTTP (testing), never both.",
  },
  ERR_CHANNEL_UNREACHABLE: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "Look at the consumer's address, its certificate and ours.",
  },
  ERR_CHANNEL_FAULT: { actor: "us", retry: true, status: 500, help: "Look at the consumer's log." },
  ERR_CHANNEL_RESPONSE: { actor: "operator", retry: false, status: 500, help: "Check which dialect the consumer speaks." },
};

export class ChannelError extends EdictError<ChannelErrorCode> {
  constructor(code: ChannelErrorCode, text: string, options?: { cause?: unknown }) {
    super(code, CHANNEL_ERRORS[code], text, options);
  }
}
