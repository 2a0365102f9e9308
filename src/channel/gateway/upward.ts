/** What comes up a standing channel: frames within their budget, counted, read strictly, and reported. */
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import {
  CLOSE,
  EDICT_JSON,
  encodeFrame,
  type Frame,
  FrameError,
  isCheckIn,
  OPCODES,
  parseUpward,
  type PostRequest,
  readAlive,
} from "../wire/index.ts";
import { Tally } from "../stats/tally.ts";
import type { CloneWatch } from "./clone-watch.ts";
import type { Connection } from "./connection.ts";
import type { FanOut } from "./fan-out.ts";
import type { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import type { Reporter } from "./reporter.ts";
import type { TrustFeed } from "./trust-feed.ts";
import { countUpstream } from "./upstream-counter.ts";

interface UpwardPorts {
  readonly hub: Hub;
  readonly clones: CloneWatch;
  readonly reporter: Reporter;
  readonly fanOut: FanOut;
  readonly trust: TrustFeed;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

export class Upward {
  readonly #ports: UpwardPorts;
  readonly breaches = new Tally();

  constructor(ports: UpwardPorts) {
    this.#ports = ports;
  }

  receive(connection: Connection, chunk: Uint8Array): void {
    const { hub, clock, log } = this.#ports;
    try {
      if (!connection.spend(0, chunk.length, clock.nowMs())) throw this.#overdrawn("bytes");
      for (const frame of connection.frames?.push(chunk) ?? []) {
        if (connection.isOpen) this.#frame(connection, frame);
      }
    } catch (cause) {
      if (!(cause instanceof EdictError)) throw cause;
      log.warn({ device: connection.deviceId, code: cause.code }, cause.message);
      hub.close(connection, cause.code, closeCodeOf(cause));
    }
  }

  /** One message that the device of this stream posted. Throws ERR_CHANNEL_MESSAGE, _BUDGET, _BUSY: the stream stays as it is. */
  post(stream: Connection, type: PostRequest["type"], bytes: Uint8Array): void {
    const { clones, reporter, clock } = this.#ports;
    const nonce = type === EDICT_JSON ? readAlive(bytes) : undefined;
    // What the gateway itself asked is no more an application's byte than a pong is.
    if (nonce === undefined) countUpstream(stream, bytes.length, reporter, clock);
    if (!stream.spend(1, bytes.length, clock.nowMs())) throw this.#overdrawn("bytes");
    stream.lastHeardMs = clock.nowMs();
    stream.isPinged = false;
    if (nonce !== undefined) return clones.heard(stream, nonce);
    if (isCheckIn(bytes) !== (type === EDICT_JSON)) throw new ChannelError("ERR_CHANNEL_MESSAGE", `it is no ${type}`);
    this.#message(stream, bytes);
  }

  #frame(connection: Connection, frame: Frame): void {
    const { hub, clones, reporter, clock } = this.#ports;
    if (frame.kind === "message") countUpstream(connection, frame.bytes.length, reporter, clock);
    if (!connection.spend(1, 0, clock.nowMs())) throw this.#overdrawn("frames");
    switch (frame.kind) {
      case "message":
        this.#message(connection, frame.bytes);
        return;
      case "ping":
        if (connection.write(encodeFrame(OPCODES.pong, frame.bytes)) === "refused")
          hub.close(connection, "ERR_CHANNEL_TOO_SLOW", CLOSE.tryLater);
        return;
      case "close":
        hub.close(connection, "device-closed", CLOSE.normal);
        return;
      case "pong":
        clones.heard(connection, frame.bytes);
        return;
    }
  }

  #overdrawn(budget: "bytes" | "frames"): ChannelError {
    this.breaches.add(budget);
    return new ChannelError("ERR_CHANNEL_BUDGET", `more ${budget} than a device has to send`);
  }

  #message(connection: Connection, bytes: Uint8Array): void {
    const { reporter, fanOut, trust, clock } = this.#ports;
    const { ordinal } = connection;
    const atMs = clock.nowMs();
    const upward = parseUpward(bytes);
    if (reporter.isFull) throw new ChannelError("ERR_CHANNEL_BUSY", "the manager takes no reports");
    if (upward.kind === "response") {
      reporter.add({ kind: "response", ordinal, atMs, requestId: upward.requestId, response: upward.response });
      return;
    }
    reporter.add({ ...upward, ordinal, atMs });
    // Only the first tells what the device missed while it was away; what comes later was sent on this channel.
    if (connection.hasCheckedIn) return;
    connection.hasCheckedIn = true;
    connection.isReady = true;
    trust.welcome(connection, upward.checkIn.trust);
    fanOut.welcome(connection, upward.checkIn);
  }
}

function closeCodeOf(cause: EdictError): number {
  if (cause instanceof FrameError) return cause.closeCode;
  return cause.code === "ERR_CHANNEL_BUSY" ? CLOSE.tryLater : CLOSE.policy;
}
