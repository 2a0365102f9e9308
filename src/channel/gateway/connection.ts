/**
 * One connection, from accept to close: one small object, no timer and no closure of its own, because there are very many.
 * It writes without blocking: what the kernel does not take waits in a bounded queue.
 */
import type { Socket } from "bun";
import { QUEUE_BYTES_MAX, UPWARD_BYTES_PER_SECOND_MAX, UPWARD_FRAMES_PER_SECOND_MAX, UPWARD_MESSAGE_BYTES_MAX } from "../limits.ts";
import { CLOSE, FrameReader, HeadReader } from "../wire/index.ts";
import type { Channel, Written } from "./channel.ts";
import type { EventStream } from "./event-stream.ts";
import type { LiveOrder } from "./order-book.ts";
import type { Post } from "./post.ts";
import { EVENTS, WEBSOCKET, type Wrapped, type Wrapping } from "./wrapping.ts";

export type ChannelSocket = Socket<Connection>;

interface Queue {
  readonly parts: Uint8Array[];
  bytes: number;
  /** Told once what became of the queue: whether the kernel took all of it. */
  readonly settled: ((isTaken: boolean) => void)[];
}

const RULES = { isMasked: true, messageBytesMax: UPWARD_MESSAGE_BYTES_MAX } as const;

export class Connection implements Channel {
  readonly socket: ChannelSocket;
  readonly acceptedMs: number;
  lastHeardMs: number;
  isPinged = false;
  /** Empty until the certificate was verified. */
  deviceId = "";
  /** -1 until admitted. */
  ordinal = -1;
  /** Until the request's head is whole. */
  head: HeadReader | undefined = new HeadReader();
  /** From then on one of these: a channel over WebSocket, a channel of events, or a message that a channel's device posts. */
  frames: FrameReader | undefined;
  stream: EventStream | undefined;
  post: Post | undefined;
  openedMs = 0;
  hasCheckedIn = false;
  /** Whether the device said which documents of trust it has, and so takes new ones. */
  followsTrust = false;
  isReady = false;
  silentSeq = 0;
  writtenSeq = 0;
  /** Why we closed it. */
  closeReason = "";
  #queue: Queue | undefined;
  #framesLeft = UPWARD_FRAMES_PER_SECOND_MAX;
  #bytesLeft = UPWARD_BYTES_PER_SECOND_MAX;
  #budgetMs: number;

  constructor(socket: ChannelSocket, nowMs: number) {
    this.socket = socket;
    this.acceptedMs = nowMs;
    this.lastHeardMs = nowMs;
    this.#budgetMs = nowMs;
  }

  get isOpen(): boolean {
    return this.wrapping !== undefined && this.closeReason === "";
  }

  /** Undefined until it is a channel. */
  get wrapping(): Wrapping | undefined {
    if (this.frames !== undefined) return WEBSOCKET;
    return this.stream && EVENTS;
  }

  get queuedBytes(): number {
    return this.#queue?.bytes ?? 0;
  }

  /** From HTTP to WebSocket, or to this stream of events. */
  open(nowMs: number, stream?: EventStream): void {
    this.openedMs = nowMs;
    if (stream === undefined) this.frames = new FrameReader(RULES);
    else this.stream = stream;
  }

  send(order: LiveOrder): Written {
    return this.tell(order);
  }

  tell(message: Wrapped): Written {
    return this.wrapping === undefined ? "refused" : this.write(this.wrapping.of(message));
  }

  write(bytes: Uint8Array): Written {
    const taken = this.#queue === undefined ? this.socket.write(bytes) : 0;
    if (taken === bytes.length) return "taken";
    if (taken < 0 || this.queuedBytes + bytes.length - taken > QUEUE_BYTES_MAX) return "refused";
    this.#queue ??= { parts: [], bytes: 0, settled: [] };
    this.#queue.parts.push(bytes.subarray(taken));
    this.#queue.bytes += bytes.length - taken;
    return "queued";
  }

  /** After a write that was queued: hear whether the kernel took it in the end. */
  onSettled(settled: (isTaken: boolean) => void): void {
    this.#queue?.settled.push(settled);
  }

  /** The kernel has room again. */
  drain(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    for (let next = queue.parts[0]; next !== undefined; next = queue.parts[0]) {
      const taken = Math.max(0, this.socket.write(next));
      queue.bytes -= taken;
      if (taken < next.length) {
        queue.parts[0] = next.subarray(taken);
        return;
      }
      queue.parts.shift();
    }
    this.#settle(true);
  }

  /** Whether the device may send so much more now. It gets as much a second, and as much at once. */
  spend(frames: number, bytes: number, nowMs: number): boolean {
    const seconds = Math.max(0, nowMs - this.#budgetMs) / 1_000;
    this.#budgetMs = nowMs;
    this.#framesLeft = Math.min(UPWARD_FRAMES_PER_SECOND_MAX, this.#framesLeft + seconds * UPWARD_FRAMES_PER_SECOND_MAX) - frames;
    this.#bytesLeft = Math.min(UPWARD_BYTES_PER_SECOND_MAX, this.#bytesLeft + seconds * UPWARD_BYTES_PER_SECOND_MAX) - bytes;
    return this.#framesLeft >= 0 && this.#bytesLeft >= 0;
  }

  /** Closes with a code that tells the device whether to come back. */
  close(reason: string, code: number = CLOSE.policy): void {
    if (this.closeReason !== "") return;
    this.closeReason = reason;
    // Behind a full queue there is no room for a farewell, and TLS must not see other bytes than those it began with.
    if (this.#queue !== undefined) {
      this.socket.terminate();
      return;
    }
    if (this.wrapping !== undefined) this.socket.write(this.wrapping.farewell(code, reason));
    this.socket.end();
  }

  /** The socket is gone; what waited was never taken. */
  gone(): void {
    this.#settle(false);
  }

  #settle(isTaken: boolean): void {
    const settled = this.#queue?.settled ?? [];
    this.#queue = undefined;
    for (const tell of settled) tell(isTaken);
  }
}
