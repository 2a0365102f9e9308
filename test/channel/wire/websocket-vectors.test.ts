/** The vectors of vectors/websocket: what is read of them, and what they are closed with, however the bytes are cut. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fuzzFrames, fuzzHead } from "../../../lab/fuzz/websocket-target.ts";
import { UPWARD_MESSAGE_BYTES_MAX } from "../../../src/channel/limits.ts";
import { encodeFrame, type Frame, FrameError, FrameReader, OPCODES } from "../../../src/channel/wire/index.ts";
import accepted from "../../../vectors/websocket/accepted.json" with { type: "json" };
import refused from "../../../vectors/websocket/refused.json" with { type: "json" };

interface ExpectedFrame {
  readonly message?: string;
  readonly ping?: string;
  readonly pong?: string;
  readonly close?: number;
  readonly reason?: string;
}

const asServer = () => new FrameReader({ isMasked: true, messageBytesMax: UPWARD_MESSAGE_BYTES_MAX });
const fromHex = (parts: readonly string[]) => parts.map((part) => Uint8Array.fromHex(part));

const CUTS = [
  ["as they arrive", (parts: readonly Uint8Array[]) => parts],
  ["in one piece", (parts: readonly Uint8Array[]) => [Buffer.concat(parts)]],
  ["byte by byte", (parts: readonly Uint8Array[]) => Array.from(Buffer.concat(parts), (byte) => Uint8Array.of(byte))],
] as const;

function described(frame: Frame): ExpectedFrame {
  return frame.kind === "close" ? { close: frame.code, reason: frame.reason } : { [frame.kind]: frame.bytes.toHex() };
}

function readAll(pieces: readonly Uint8Array[]): readonly ExpectedFrame[] {
  const reader = asServer();
  const frames: ExpectedFrame[] = [];
  for (const piece of pieces) {
    frames.push(...reader.push(piece).map(described));
    if (frames.at(-1)?.close !== undefined) break;
  }
  return frames;
}

describe.each(CUTS)("%s", (_how, cut) => {
  test.each(accepted.cases.map(({ name, bytes, frames }) => [name, bytes, frames] as const))("reads %s", (_name, bytes, frames) => {
    expect(readAll(cut(fromHex(bytes)))).toEqual(frames as ExpectedFrame[]);
  });

  test.each(refused.cases.map(({ name, bytes, close }) => [name, bytes, close] as const))("closes on %s", (_name, bytes, close) => {
    try {
      readAll(cut(fromHex(bytes)));
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
      expect((error as FrameError).closeCode).toBe(close);
      return;
    }
    throw new Error("it was read");
  });
});

/** Frames that are nearly right: chance alone seldom gets past the first two bytes. */
const nearlyFrame = fc
  .record({
    opcode: fc.constantFrom(...Object.values(OPCODES), 3, 11),
    payload: fc.uint8Array({ maxLength: 200 }),
    mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
    isFinal: fc.boolean(),
  })
  .map(({ opcode, payload, mask, isFinal }) => {
    const frame = encodeFrame(opcode, payload, mask);
    if (!isFinal) frame[0] = (frame[0] ?? 0) & 0x7f;
    return frame;
  });

test("no bytes break what must hold for frames", () => {
  const nearly = fc.tuple(fc.uint8Array({ minLength: 2, maxLength: 2 }), fc.array(nearlyFrame, { maxLength: 6 }));
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    nearly.map(([choice, frames]) => Buffer.concat([choice, ...frames])),
  );
  fc.assert(fc.property(inputs, fuzzFrames), { numRuns: 5_000 });
});

test("no bytes break what must hold for heads", () => {
  const piece = fc.constantFrom(
    "GET /.well-known/openc2 HTTP/1.1",
    "\r\n",
    "\r\n\r\n",
    ": ",
    "Host",
    "Upgrade",
    "websocket",
    "\t",
    "\0",
    "é",
    ",",
  );
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(""))),
  );
  fc.assert(fc.property(inputs, fuzzHead), { numRuns: 5_000 });
});
