/** The device's side of a channel as a pure state machine: bytes in, events and bytes out. Whoever holds the socket drives it. */
import { ChannelError } from "../errors.ts";
import { DOWNWARD_MESSAGE_BYTES_MAX } from "../limits.ts";
import { CLOSE, encodeClose, encodeFrame, FrameReader, OPCODES } from "./frames.ts";
import { acceptKey, base64, HeadReader, SUBPROTOCOL, upgradeRequest } from "./http.ts";

export type ClientEvent =
  | { readonly kind: "opened" }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** To be written to the socket. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

interface ClientOptions {
  /** host:port, for the Host header. */
  readonly host: string;
  /** 16 random bytes (RFC 6455 §4.1). */
  readonly keyBytes: Uint8Array;
  /** Four random bytes for each frame. */
  readonly maskBytes: () => Uint8Array;
}

export class ClientProtocol {
  readonly #options: ClientOptions;
  readonly #key: string;
  readonly #frames = new FrameReader({ isMasked: false, messageBytesMax: DOWNWARD_MESSAGE_BYTES_MAX });
  #head: HeadReader | undefined = new HeadReader();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#key = base64(options.keyBytes);
  }

  /** The first bytes to write. */
  start(): Uint8Array {
    return upgradeRequest(this.#options.host, this.#key);
  }

  /** Throws ERR_CHANNEL_HTTP or ERR_CHANNEL_FRAME; the socket is to be closed then. */
  receive(chunk: Uint8Array): readonly ClientEvent[] {
    if (this.#head === undefined) return this.#receiveFrames(chunk);
    const head = this.#head.push(chunk);
    if (head === undefined) return [];
    const isProven = head.headers.get("sec-websocket-accept") === acceptKey(this.#key);
    const isOurs = head.headers.get("sec-websocket-protocol") === SUBPROTOCOL;
    if (!head.start.startsWith("HTTP/1.1 101 ") || !isProven || !isOurs) {
      throw new ChannelError("ERR_CHANNEL_HTTP", `the gateway answers "${head.start}"`);
    }
    this.#head = undefined;
    return [{ kind: "opened" }, ...this.#receiveFrames(head.rest)];
  }

  encodeMessage(bytes: Uint8Array): Uint8Array {
    return encodeFrame(OPCODES.text, bytes, this.#options.maskBytes());
  }

  encodeClose(code: number = CLOSE.normal): Uint8Array {
    return encodeClose(code, "", this.#options.maskBytes());
  }

  #receiveFrames(chunk: Uint8Array): readonly ClientEvent[] {
    return this.#frames.push(chunk).flatMap((frame): readonly ClientEvent[] => {
      switch (frame.kind) {
        case "message":
          return [frame];
        case "ping":
          return [{ kind: "send", bytes: encodeFrame(OPCODES.pong, frame.bytes, this.#options.maskBytes()) }];
        case "close":
          return [
            { kind: "send", bytes: this.encodeClose() },
            { kind: "closed", code: frame.code, reason: frame.reason },
          ];
        case "pong":
          return [];
      }
    });
  }
}
