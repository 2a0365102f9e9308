/** A channel whose device reads events and says what it has to say by POST, on connections of their own. */
import { STREAM_SECRET_BYTES } from "../limits.ts";
import { encodeEvent } from "../wire/index.ts";

export class EventStream {
  /** Only who reads the stream knows it: a copy of the device's key alone cannot speak beside a genuine channel. */
  readonly secret = crypto.getRandomValues(new Uint8Array(STREAM_SECRET_BYTES)).toHex();
  /** The newest order that the device has seen on a stream before, undefined when it did not say. */
  readonly lastSeq: number | undefined;

  constructor(lastSeq: number | undefined) {
    this.lastSeq = lastSeq;
  }

  /** The first event. */
  hello(): Uint8Array {
    return encodeEvent({ event: "hello", data: new TextEncoder().encode(`{"channel":"${this.secret}"}`) });
  }
}
