/**
 * One connection of a producer: requests are read one after the other and answered in their order, whatever the peer sends
 * ahead. It writes without blocking, and says of itself when it is past its time.
 */
import type { Socket } from "bun";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import type { Exchange } from "./exchange.ts";
import { type HttpRequest, RequestReader } from "./http-request.ts";
import { ANSWER_TAKEN_MAX_MS, IDLE_MAX_MS, LETTING_GO_MAX_MS, PIPELINED_BYTES_MAX, REQUEST_MAX_MS } from "./limits.ts";

export type PushSocket = Socket<PushConnection>;

type State = "opening" | "idle" | "reading" | "answering" | "writing" | "closing";

/** ms that each state may last. How long an answer takes is the consumer's to limit. */
const LONGEST_MS: Readonly<Record<State, number>> = {
  opening: REQUEST_MAX_MS,
  idle: IDLE_MAX_MS,
  reading: REQUEST_MAX_MS,
  answering: Number.POSITIVE_INFINITY,
  writing: ANSWER_TAKEN_MAX_MS,
  closing: LETTING_GO_MAX_MS,
};

const NOTHING = new Uint8Array(0);
const CONTINUE = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

export class PushConnection {
  /** Empty until the certificate was verified. */
  peer = "";
  readonly #socket: PushSocket;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #reader: RequestReader;
  #state: State = "opening";
  #sinceMs: number;
  /** What came while an answer was under way. */
  #ahead: Uint8Array = NOTHING;
  #unsent: Uint8Array = NOTHING;
  #isLast = false;

  constructor(socket: PushSocket, exchange: Exchange, clock: Clock) {
    this.#socket = socket;
    this.#exchange = exchange;
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
    this.#reader = new RequestReader(() => this.#socket.write(CONTINUE));
  }

  /** From here on what it sends is this peer's. */
  open(peer: string): void {
    this.peer = peer;
    this.#enter("idle");
  }

  receive(chunk: Uint8Array): void {
    if (this.#state === "idle" || this.#state === "reading") this.#read(chunk);
    else if (this.#state === "answering" || this.#state === "writing") this.#keep(chunk);
    // Before a verified identity it is nobody's; after we closed nobody waits for it.
  }

  drain(): void {
    if (this.#state === "writing") this.#write(this.#unsent);
  }

  isOverdue(nowMs: number): boolean {
    return nowMs - this.#sinceMs > LONGEST_MS[this.#state];
  }

  /** A peer that is too slow with its request is told so; any other is past telling. */
  expire(): void {
    if (this.#state === "reading") this.#refuse(new ChannelError("ERR_CHANNEL_TIMEOUT", `the request took more than ${REQUEST_MAX_MS} ms`));
    else if (this.#state === "idle") this.close();
    else this.#socket.terminate();
  }

  /** Lets an answer under way finish; says nothing more to anybody else. */
  close(): void {
    this.#isLast = true;
    if (this.#state === "answering" || this.#state === "writing" || this.#state === "closing") return;
    this.#enter("closing");
    this.#socket.end();
  }

  #read(chunk: Uint8Array): void {
    try {
      const read = this.#reader.push(chunk);
      if (read === undefined) return this.#state === "idle" ? this.#enter("reading") : undefined;
      void this.#answer(read.request);
      this.#keep(read.rest);
    } catch (cause) {
      if (!(cause instanceof ChannelError)) throw cause;
      this.#refuse(cause);
    }
  }

  async #answer(request: HttpRequest): Promise<void> {
    this.#enter("answering");
    const bytes = await this.#exchange.answer(request, this.peer);
    if (this.#state !== "answering") return;
    this.#isLast ||= request.isLast;
    this.#write(bytes);
  }

  /** After it the stream cannot be trusted to begin a request where we think. */
  #refuse(error: ChannelError): void {
    this.#isLast = true;
    const { requestId, isHead } = this.#reader;
    this.#write(this.#exchange.refuse(error, { requestId, isHead, isLast: true }));
  }

  #keep(chunk: Uint8Array): void {
    if (this.#ahead.length + chunk.length > PIPELINED_BYTES_MAX) {
      this.#enter("closing");
      this.#socket.terminate();
      return;
    }
    if (chunk.length > 0) this.#ahead = Buffer.concat([this.#ahead, chunk]);
  }

  #write(bytes: Uint8Array): void {
    const taken = Math.max(0, this.#socket.write(bytes));
    this.#unsent = bytes.subarray(taken);
    if (this.#unsent.length > 0) return this.#enter("writing");
    if (this.#isLast) {
      this.#enter("closing");
      // Only our side: a connection closed under a peer that still sends takes the answer with it (RFC 9112 §9.6).
      this.#socket.shutdown();
      return;
    }
    this.#enter("idle");
    const ahead = this.#ahead;
    this.#ahead = NOTHING;
    if (ahead.length > 0) this.#read(ahead);
  }

  #enter(state: State): void {
    this.#state = state;
    this.#sinceMs = this.#clock.nowMs();
  }
}
