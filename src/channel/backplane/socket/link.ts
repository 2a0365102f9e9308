/** One end of a stream socket that is written whole messages: what the kernel does not take now waits here, in order. */
import type { Socket } from "bun";
import { BACKPLANE_QUEUE_BYTES_MAX } from "../../limits.ts";
import { encodeMessage, type FromManager, type FromPart } from "./messages.ts";

export class Link<Outgoing extends FromPart | FromManager> {
  readonly #socket: Socket<unknown>;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;

  constructor(socket: Socket<unknown>) {
    this.#socket = socket;
  }

  /** Cuts the connection when the other end takes nothing for so long that too much waits: it comes back and asks anew. */
  send(message: Outgoing): void {
    const bytes = encodeMessage(message);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.drain();
    if (this.#queuedBytes > BACKPLANE_QUEUE_BYTES_MAX) this.end();
  }

  drain(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const taken = Math.max(0, this.#socket.write(next));
      this.#queuedBytes -= taken;
      if (taken < next.length) {
        this.#queue[0] = next.subarray(taken);
        return;
      }
      this.#queue.shift();
    }
  }

  end(): void {
    this.#socket.terminate();
  }
}
