/** Reads answers with a Content-Length one after the other from a socket, and counts their bytes; anything but 200 and 206 is a fault. */
import type { TLSSocket } from "node:tls";

export class BodyReader {
  #head = "";
  /** Bytes of the body that are still to come; negative: the head is not over. */
  #left = -1;
  #length = 0;
  #done: ((bytes: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  constructor(socket: TLSSocket) {
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("close", () => this.#failed?.(new Error("a connection of the bench was closed")));
  }

  /** Bytes of the next answer's body, when it is whole. */
  answer(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
    });
  }

  #take(chunk: Buffer): void {
    const body = this.#left < 0 ? this.#readHead(chunk) : chunk.length;
    if (this.#left < 0) return;
    this.#left -= body;
    if (this.#left > 0) return;
    this.#left = -1;
    this.#head = "";
    this.#done?.(this.#length);
  }

  /** How many bytes of the chunk are the body's. */
  #readHead(chunk: Buffer): number {
    const before = this.#head.length;
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    if (!/^HTTP\/1\.1 20[06] /.test(this.#head)) this.#failed?.(new Error(`a server of the bench answered ${this.#head.slice(0, 80)}`));
    this.#length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#head)?.[1] ?? Number.NaN);
    this.#left = this.#length;
    return chunk.length - (end + 4 - before);
  }
}
