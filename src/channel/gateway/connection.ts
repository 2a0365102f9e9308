/**
 * One connection, from accept to close: one small object, no timer and no closure of its own, because there are very many.
 * It writes without blocking: what the kernel does not take waits in a bounded queue.
 */
import type { Socket } from "bun";
import { QUEUE_BYTES_MAX, UPWARD_BYTES_PER_SECOND_MAX, UPWARD_MESSAGES_PER_SECOND_MAX } from "../limits.ts";
import { CLOSE, encodeClose, FrameReader, HeadReader } from "../wire/index.ts";
import { UPWARD_MESSAGE_BYTES_MAX } from "../limits.ts";

export type ChannelSocket = Socket<Connection>;

export class Connection {
  socket: ChannelSocket | undefined;
  readonly acceptedMs: number;
  lastHeardMs: number;
  isPinged = false;
  deviceId = "";
  /** -1 until admitted. */
  ordinal = -1;
  head: HeadReader | undefined = new HeadReader();
  frames: FrameReader | undefined;
  hasCheckedIn = false;
  /** The order whose silence is being counted on this channel, 0 if none (upstream bytes for `none`). */
  silentSeq = 0;
  /** Why it was closed by us. */
  closeReason = "";
  /** Called once each when what waits has been taken by the kernel. */
  #whenDrained: (() => void)[] = [];
  #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #messagesLeft = UPWARD_MESSAGES_PER_SECOND_MAX;
  #bytesLeft = UPWARD_BYTES_PER_SECOND_MAX;
  #budgetMs: number;

  constructor(nowMs: number) {
    this.acceptedMs = nowMs;
    this.lastHeardMs = nowMs;
    this.#budgetMs = nowMs;
  }

  get isOpen(): boolean {
    return this.frames !== undefined && this.closeReason === "";
  }

  get queuedBytes(): number {
    return this.#queueBytes;
  }

  /** From HTTP to WebSocket. */
  open(): void {
    this.head = undefined;
    this.frames = new FrameReader({ isMasked: true, messageBytesMax: UPWARD_MESSAGE_BYTES_MAX });
  }

  /** False when the queue is full: the channel is too slow. `onTaken` runs when the kernel has all of it. */
  write(bytes: Uint8Array, onTaken?: () => void): boolean {
    const { socket } = this;
    if (socket === undefined) return false;
    let rest = bytes;
    if (this.#queue.length === 0) {
      const taken = socket.write(bytes);
      if (taken < 0) return false;
      if (taken === bytes.length) {
        onTaken?.();
        return true;
      }
      rest = bytes.subarray(taken);
    }
    if (this.#queueBytes + rest.length > QUEUE_BYTES_MAX) return false;
    this.#queue.push(rest);
    this.#queueBytes += rest.length;
    if (onTaken !== undefined) this.#whenDrained.push(onTaken);
    return true;
  }

  /** The kernel has room again. */
  drain(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const taken = this.socket?.write(next) ?? -1;
      if (taken < 0) return;
      this.#queueBytes -= taken;
      if (taken < next.length) {
        this.#queue[0] = next.subarray(taken);
        return;
      }
      this.#queue.shift();
    }
    const waiting = this.#whenDrained;
    this.#whenDrained = [];
    for (const taken of waiting) taken();
  }

  /** Whether the device may send another message of this size now. */
  spend(bytes: number, nowMs: number): boolean {
    const seconds = (nowMs - this.#budgetMs) / 1_000;
    this.#budgetMs = nowMs;
    this.#messagesLeft = Math.min(UPWARD_MESSAGES_PER_SECOND_MAX, this.#messagesLeft + seconds * UPWARD_MESSAGES_PER_SECOND_MAX) - 1;
    this.#bytesLeft = Math.min(UPWARD_BYTES_PER_SECOND_MAX, this.#bytesLeft + seconds * UPWARD_BYTES_PER_SECOND_MAX) - bytes;
    return this.#messagesLeft >= 0 && this.#bytesLeft >= 0;
  }

  /** Closes with a code that tells the device whether to come back. */
  close(reason: string, code: number = CLOSE.policy): void {
    if (this.closeReason !== "") return;
    this.closeReason = reason;
    if (this.frames !== undefined) this.socket?.write(encodeClose(code));
    this.socket?.end();
  }
}
