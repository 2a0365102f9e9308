/** What must hold for any bytes at all that a peer sends on a channel: targets for fuzzing and for property tests. */
import { ChannelError } from "../../src/channel/errors.ts";
import { checkUpgrade, type Frame, FrameError, FrameReader, HeadReader, upgradeRequest } from "../../src/channel/wire/index.ts";
import accepted from "../../vectors/websocket/accepted.json" with { type: "json" };
import refused from "../../vectors/websocket/refused.json" with { type: "json" };
import type { Target } from "./target.ts";

const MESSAGE_BYTES_MAX = 1_000;

type Read = { readonly frames: readonly Frame[]; readonly closeCode: number };

/** As a server reads it, cut every eight bytes: what `fuzzFrames` takes from the first two bytes. */
const AS_SERVER = "0007";

export function channelTargets(): readonly Target[] {
  const frames = [...accepted.cases, ...refused.cases].map(({ bytes }) => Uint8Array.fromHex(AS_SERVER + bytes.join("")));
  const heads = [upgradeRequest("gateway.example:8443", "dGhlIHNhbXBsZSBub25jZQ==")];
  return [
    { name: "frames", corpus: frames, run: fuzzFrames },
    { name: "head", corpus: heads, run: fuzzHead },
  ];
}

/**
 * Throws when an invariant breaks: nothing but FrameError is thrown, no message is longer than the limit, and it does not
 * matter how the bytes are cut. The first byte chooses the side, the second where they are cut.
 */
export function fuzzFrames(bytes: Uint8Array): void {
  const [side = 0, cut = 0] = bytes;
  const wire = bytes.subarray(2);
  const whole = read(wire, side % 2 === 0, wire.length);
  const cutUp = read(wire, side % 2 === 0, cut + 1);
  if (!Bun.deepEquals(whole, cutUp)) throw new Error(`cut every ${cut + 1} bytes it reads otherwise`);
  if (whole.frames.some((frame) => frame.kind !== "close" && frame.bytes.length > MESSAGE_BYTES_MAX)) throw new Error("a long message");
}

/** Throws when an invariant breaks: nothing but ChannelError is thrown, and a request is an upgrade or has a status. */
export function fuzzHead(bytes: Uint8Array): void {
  try {
    const head = new HeadReader().push(bytes);
    if (head !== undefined) checkUpgrade(head);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
  }
}

/** Frames until a close frame or a fault; what was read before a fault in the same chunk is lost with the channel, so it is not compared. */
function read(wire: Uint8Array, isMasked: boolean, cut: number): Read {
  const reader = new FrameReader({ isMasked, messageBytesMax: MESSAGE_BYTES_MAX });
  const frames: Frame[] = [];
  try {
    for (let at = 0; at < wire.length; at += cut) {
      frames.push(...reader.push(wire.subarray(at, at + cut)));
      if (frames.at(-1)?.kind === "close") break;
    }
    return { frames, closeCode: 0 };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { frames: [], closeCode: error.closeCode };
  }
}
