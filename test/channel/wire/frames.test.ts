/** WebSocket frames against the examples and the rules of RFC 6455, and against chance. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { MESSAGE_FRAGMENTS_MAX } from "../../../src/channel/limits.ts";
import { CLOSE, encodeClose, encodeFrame, type Frame, FrameError, FrameReader, OPCODES } from "../../../src/channel/wire/index.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));
const utf8 = (text: string) => new TextEncoder().encode(text);
const MASK = bytes("37fa213d");

const asClient = () => new FrameReader({ isMasked: false, messageBytesMax: 70_000 });
const asServer = () => new FrameReader({ isMasked: true, messageBytesMax: 70_000 });

function closeCodeOf(reader: FrameReader, hex: string): number {
  try {
    reader.push(bytes(hex));
  } catch (error) {
    if (error instanceof FrameError) return error.closeCode;
    throw error;
  }
  return 0;
}

describe("the examples of RFC 6455 §5.7", () => {
  test("a single-frame unmasked text", () => {
    expect(asClient().push(bytes("81 05 48 65 6c 6c 6f"))).toEqual([{ kind: "message", bytes: utf8("Hello") }]);
    expect(encodeFrame(OPCODES.text, utf8("Hello"))).toEqual(bytes("81 05 48 65 6c 6c 6f"));
  });

  test("a single-frame masked text", () => {
    expect(asServer().push(bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58"))).toEqual([{ kind: "message", bytes: utf8("Hello") }]);
    expect(encodeFrame(OPCODES.text, utf8("Hello"), MASK)).toEqual(bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  });

  test("a fragmented unmasked text", () => {
    const reader = asClient();
    expect(reader.push(bytes("01 03 48 65 6c"))).toEqual([]);
    expect(reader.push(bytes("80 02 6c 6f"))).toEqual([{ kind: "message", bytes: utf8("Hello") }]);
  });

  test("a ping and a masked pong", () => {
    expect(asClient().push(bytes("89 05 48 65 6c 6c 6f"))).toEqual([{ kind: "ping", bytes: utf8("Hello") }]);
    expect(asServer().push(bytes("8a 85 37 fa 21 3d 7f 9f 4d 51 58"))).toEqual([{ kind: "pong", bytes: utf8("Hello") }]);
  });

  test("256 bytes and 64 KiB of binary", () => {
    expect(encodeFrame(OPCODES.binary, new Uint8Array(256)).subarray(0, 4)).toEqual(bytes("82 7e 0100"));
    expect(encodeFrame(OPCODES.binary, new Uint8Array(65_536)).subarray(0, 10)).toEqual(bytes("82 7f 0000000000010000"));
    expect(asClient().push(encodeFrame(OPCODES.binary, new Uint8Array(65_536)))).toEqual([
      { kind: "message", bytes: new Uint8Array(65_536) },
    ]);
  });
});

describe("a peer that breaks a rule is closed with the code for it", () => {
  const cases: readonly (readonly [string, () => FrameReader, string, number])[] = [
    ["a client that does not mask", asServer, "81 00", CLOSE.protocol],
    ["a server that masks", asClient, "81 80 00000000", CLOSE.protocol],
    ["a reserved bit", asClient, "c1 00", CLOSE.protocol],
    ["a reserved opcode", asClient, "83 00", CLOSE.protocol],
    ["a reserved control opcode", asClient, "8b 00", CLOSE.protocol],
    ["a fragmented ping", asClient, "09 00", CLOSE.protocol],
    ["a ping of 126 bytes", asClient, "89 7e 007e", CLOSE.protocol],
    ["a continuation of nothing", asClient, "80 00", CLOSE.protocol],
    ["a message within another", asClient, "01 01 41 81 01 42", CLOSE.protocol],
    ["a 16-bit length that fits seven bits", asClient, "81 7e 007d", CLOSE.protocol],
    ["a 64-bit length that fits sixteen bits", asClient, "81 7f 000000000000ffff", CLOSE.protocol],
    ["a 64-bit length with its highest bit set", asClient, "81 7f 8000000000000000", CLOSE.protocol],
    ["a message larger than the limit, before its bytes have come", asClient, "81 7f 0000000000011171", CLOSE.tooBig],
    ["a text that is not UTF-8", asClient, "81 02 c328", CLOSE.invalid],
    ["a close frame of one byte", asClient, "88 01 03", CLOSE.protocol],
    ["the close code 1005", asClient, "88 02 03ed", CLOSE.protocol],
    ["the close code 999", asClient, "88 02 03e7", CLOSE.protocol],
    ["a close reason that is not UTF-8", asClient, "88 04 03e8 c328", CLOSE.protocol],
    ["an endless message of empty fragments", asClient, `01 00 ${"00 00".repeat(MESSAGE_FRAGMENTS_MAX)}`, CLOSE.policy],
  ];
  test.each(cases.map((item) => [...item] as const))("%s", (_what, reader, hex, code) => {
    expect(closeCodeOf(reader(), hex)).toBe(code);
  });

  test("fragments count together against the limit", () => {
    const reader = new FrameReader({ isMasked: false, messageBytesMax: 4 });
    expect(reader.push(bytes("01 03 414141"))).toEqual([]);
    expect(closeCodeOf(reader, "80 02 4141")).toBe(CLOSE.tooBig);
  });
});

test("a close frame carries its code and reason, and what comes behind it is not read", () => {
  const frames = asClient().push(new Uint8Array([...encodeClose(CLOSE.denied, "ERR_CHANNEL_DENIED"), ...bytes("81 01 41")]));
  expect(frames).toEqual([{ kind: "close", code: 4003, reason: "ERR_CHANNEL_DENIED" }]);
  expect(asClient().push(bytes("88 00"))).toEqual([{ kind: "close", code: 1005, reason: "" }]);
});

test("a control frame between fragments disturbs nothing", () => {
  const frames = asClient().push(bytes("01 02 c3a4 89 01 58 80 02 c3b6"));
  expect(frames).toEqual([
    { kind: "ping", bytes: utf8("X") },
    { kind: "message", bytes: utf8("äö") },
  ]);
});

test("a character may be cut by a fragment's end", () => {
  expect(asClient().push(bytes("01 01 c3 80 01 a4"))).toEqual([{ kind: "message", bytes: utf8("ä") }]);
});

test("whatever is written is read again, however the bytes are cut", () => {
  const message = fc.record({ text: fc.string({ unit: "grapheme", maxLength: 300 }), mask: fc.uint8Array({ minLength: 4, maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (messages, cuts) => {
      const wire = Buffer.concat(messages.map(({ text, mask }) => encodeFrame(OPCODES.text, utf8(text), mask)));
      const reader = asServer();
      const frames: Frame[] = [];
      for (let at = 0; at < wire.length; ) {
        const cut = Number(cuts.next().value);
        frames.push(...reader.push(wire.subarray(at, at + cut)));
        at += cut;
      }
      expect(frames).toEqual(messages.map(({ text }) => ({ kind: "message", bytes: utf8(text) })));
    }),
    { numRuns: 200 },
  );
});
