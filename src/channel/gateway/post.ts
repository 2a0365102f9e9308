/** A message that is being posted: its head has come, its body comes in pieces. */
import { ChannelError } from "../errors.ts";
import type { PostRequest } from "../wire/index.ts";

export class Post {
  readonly request: PostRequest;
  readonly #body: Uint8Array;
  #at = 0;

  constructor(request: PostRequest) {
    this.request = request;
    this.#body = new Uint8Array(request.bytes);
  }

  /** The body once it is whole. Throws ERR_CHANNEL_HTTP for bytes behind it: one request to a connection. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#at + chunk.length > this.#body.length) throw new ChannelError("ERR_CHANNEL_HTTP", "bytes behind a request");
    this.#body.set(chunk, this.#at);
    this.#at += chunk.length;
    return this.#at === this.#body.length ? this.#body : undefined;
  }
}
