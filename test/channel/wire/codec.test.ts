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
  last_command: { command_id: "command-2", action: "stop", state: "failed", error: "ERR_AGENT_PROCESS" },
  seen: ["command-2", "command-1"],
};

test("a check-in is read as it was written", () => {
  expect(parseUpward(encodeCheckIn(checkIn))).toEqual({ kind: "check-in", checkIn });
  const { last_update: _, last_command: __, ...shorter } = checkIn;
  expect(parseUpward(encodeCheckIn(shorter))).toEqual({ kind: "check-in", checkIn: shorter });
});

describe("a check-in that the device has signed", () => {
  const text = JSON.stringify(checkIn);
  const refuse = (wire: string) => expect(() => parseUpward(bytes(wire))).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_MESSAGE" }));

  test("is read with its statement over the exact text", () => {
    const wire = encodeCheckIn(checkIn, (given) => (given === text ? "e30..AA" : undefined));
    const payload = bytes(text).toBase64({ alphabet: "base64url", omitPadding: true });
    expect(parseUpward(wire)).toEqual({ kind: "check-in", checkIn, statement: `e30.${payload}.AA` });
  });
  test("keeps the text as it was written, blanks and all", () => {
    const spaced = JSON.stringify(checkIn, undefined, 1);
    const payload = bytes(spaced).toBase64({ alphabet: "base64url", omitPadding: true });
    expect(parseUpward(bytes(`{"check_in":${spaced},"proof":"e30..AA"}`))).toMatchObject({ statement: `e30.${payload}.AA` });
  });
  test("is a plain one when the device cannot sign", () => {
    expect(encodeCheckIn(checkIn, () => undefined)).toEqual(encodeCheckIn(checkIn));
  });
  test("is refused when the proof is no JWS without its content", () => {
    for (const proof of ['"e30.e30.AA"', '"e30..AA.AA"', '"..AA"', '""', "null", "1", '["e30..AA"]'])
      refuse(`{"check_in":${text},"proof":${proof}}`);
  });
  test("is refused when the proof does not stand last, or is written in another way: what was signed would not be certain", () => {
    refuse(`{"check_in":${text} ,"proof": "e30..AA"}`);
    refuse(`{"check_in":${text},"proof":"e30.\\u002eAA"}`);
    refuse(`{"check_in":${text},"proof":"e30..AA"} `);
    refuse(`{"proof":"e30..AA","check_in":${text}}`);
    refuse(`{"check_in":${text},"proof":"e30..AA","proof":"e30..AA"}`);
  });
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
  test.each([
    ["of no action", { command_id: "a", state: "done" }],
    ["of an action that it cannot be", { command_id: "a", action: "update", state: "done" }],
    ["in a state that there is not", { command_id: "a", action: "stop", state: "rolled_back" }],
    ["with a member of its own", { ...checkIn.last_command, extra: 1 }],
    ["that is nothing", {}],
    ["that is null", null],
  ])("a last command %s", (_, last) => refuse(changed({ last_command: last })));
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
