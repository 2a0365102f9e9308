/** Messages as bytes: what a device and a gateway may say to each other, and nothing else. */
import { describe, expect, test } from "bun:test";
import { UPWARD_MESSAGE_BYTES_MAX } from "../../../src/channel/limits.ts";
import { type CheckIn, encodeCheckIn, encodeGoodbye, parseDownward, parseUpward } from "../../../src/channel/wire/index.ts";
import { encodeRequest, encodeResponse } from "../../../src/openc2/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const checkIn: CheckIn = {
  software: { vendor: "famousMaker", name: "famousModel", version: "1.2.3", hardware: "rev-2" },
  boot: 3,
  slot: "b",
  last_update: { command_id: "command-1", new_version: "1.2.3", state: "done" },
  seen: ["command-2", "command-1"],
};

test("a check-in is read as it was written", () => {
  expect(parseUpward(encodeCheckIn(checkIn))).toEqual({ kind: "check-in", checkIn });
  const { last_update: _, ...shorter } = checkIn;
  expect(parseUpward(encodeCheckIn(shorter))).toEqual({ kind: "check-in", checkIn: shorter });
});

test("a response is read with the id of its request", () => {
  const wire = encodeResponse({ request_id: "command-1-q" }, { status: 200 });
  expect(parseUpward(wire)).toEqual({ kind: "response", requestId: "command-1-q", response: { status: 200 } });
});

describe("a device may not send", () => {
  const refuse = (wire: Uint8Array) => expect(() => parseUpward(wire)).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_MESSAGE" }));
  const changed = (change: object) => bytes(JSON.stringify({ check_in: { ...checkIn, ...change } }));

  test("a command", () => refuse(encodeRequest({}, { action: "query", target: { features: [] } })));
  test("a member that no check-in has", () => refuse(changed({ extra: 1 })));
  test("a second member beside the check-in", () => refuse(bytes(JSON.stringify({ check_in: checkIn, extra: 1 }))));
  test("a slot c", () => refuse(changed({ slot: "c" })));
  test("a negative boot count", () => refuse(changed({ boot: -1 })));
  test("seventeen seen ids", () => refuse(changed({ seen: Array.from({ length: 17 }, (_, index) => `c-${index}`) })));
  test("an id longer than any command's", () => refuse(changed({ seen: ["x".repeat(37)] })));
  test("no software", () => refuse(changed({ software: undefined })));
  test("software with a member of its own", () => refuse(changed({ software: { ...checkIn.software, extra: 1 } })));
  test("a member twice", () => refuse(bytes('{"check_in":{"boot":1,"boot":2}}')));
  test("more than a message may hold", () => refuse(changed({ seen: ["x".repeat(UPWARD_MESSAGE_BYTES_MAX)] })));
  test("a goodbye", () => refuse(encodeGoodbye({ delay_ms: 1 })));
  test("nothing", () => refuse(new Uint8Array(0)));
});

test("a goodbye is told from a command, whose bytes stay as they are", () => {
  expect(parseDownward(encodeGoodbye({ delay_ms: 1_500 }))).toEqual({ kind: "goodbye", delayMs: 1_500 });
  expect(parseDownward(encodeGoodbye({ delay_ms: 1e12 }))).toEqual({ kind: "goodbye", delayMs: 3_600_000 });
  const frame = bytes('{"payload":"e30","signatures":[]}');
  expect(parseDownward(frame)).toEqual({ kind: "command", frame });
  expect(parseDownward(bytes("not JSON"))).toEqual({ kind: "command", frame: bytes("not JSON") });
});

test.each([['{"goodbye":{}}'], ['{"goodbye":{"delay_ms":-1}}'], ['{"goodbye":{"delay_ms":1}'], ['{"goodbye":1}']])(
  "the malformed goodbye %s is refused",
  (text) => {
    expect(() => parseDownward(bytes(text))).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_MESSAGE" }));
  },
);
