/** A body in chunks (RFC 9112 §7.1), byte by byte and strictly: what proxies and servers read differently is how requests are smuggled. Pure. */
import { ChannelError } from "../errors.ts";
import { BODY_BYTES_MAX, CHUNK_LINE_BYTES_MAX } from "./limits.ts";

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = new Uint8Array(0);

export class ChunkedBody {
  readonly #bytes: number[] = [];
  #state: "size" | "data" | "end of data" | "trailer" | "done" = "size";
  #line = "";
  #trailerBytes = 0;
  #left = 0;

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** What follows the body, once it is whole. Throws ERR_CHANNEL_HTTP or ERR_CHANNEL_BODY. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#state === "data") this.#data(byte);
      else if (this.#takesLine(byte)) this.#endOfLine(this.#line.slice(0, -1));
      if (this.#state === "done") return at + 1 === chunk.length ? NOTHING : chunk.subarray(at + 1);
    }
    return undefined;
  }

  #data(byte: number): void {
    this.#bytes.push(byte);
    this.#left -= 1;
    if (this.#left === 0) this.#state = "end of data";
  }

  /** Whether this byte ends a line. A line ends with CR LF, and neither stands alone. */
  #takesLine(byte: number): boolean {
    const isAfterCr = this.#line.endsWith("\r");
    if ((byte === LF) !== isAfterCr) throw malformed("a line in the chunked body ends wrongly");
    if (byte === LF) return true;
    if (byte !== CR && (byte < 0x20 || byte > 0x7e)) throw malformed("a line in the chunked body has a control character");
    this.#line += String.fromCharCode(byte);
    if (this.#line.length > CHUNK_LINE_BYTES_MAX)
      throw malformed(`a line in the chunked body is longer than ${CHUNK_LINE_BYTES_MAX} bytes`);
    return false;
  }

  #endOfLine(line: string): void {
    this.#line = "";
    if (this.#state === "size") this.#begin(line);
    else if (this.#state === "end of data") {
      if (line !== "") throw malformed("a chunk is longer than it says");
      this.#state = "size";
    } else if (line === "") this.#state = "done";
    else {
      // Trailers say nothing here (RFC 9110 §6.5.1): they are read over.
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > CHUNK_LINE_BYTES_MAX) throw malformed(`the trailers are longer than ${CHUNK_LINE_BYTES_MAX} bytes`);
    }
  }

  #begin(line: string): void {
    const [, size] = /^([0-9A-Fa-f]{1,8})(?:;.*)?$/.exec(line) ?? [];
    if (size === undefined) throw malformed("a chunk's size is not a number");
    this.#left = Number.parseInt(size, 16);
    if (this.#bytes.length + this.#left > BODY_BYTES_MAX)
      throw new ChannelError("ERR_CHANNEL_BODY", `the body is longer than ${BODY_BYTES_MAX} bytes`);
    this.#state = this.#left === 0 ? "trailer" : "data";
  }
}

function malformed(why: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_HTTP", why);
}
