/** The upgrade from both ends: requests, their refusal, and the proof that a device asks for. */
import { describe, expect, test } from "bun:test";
import { HEAD_BYTES_MAX, HEAD_LINES_MAX } from "../../../src/channel/limits.ts";
import {
  acceptKey,
  checkUpgrade,
  errorResponse,
  ClientProtocol,
  type Head,
  HeadReader,
  upgradeRequest,
  upgradeResponse,
} from "../../../src/channel/wire/index.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const bytes = (text: string) => new TextEncoder().encode(text);
const request = () => new TextDecoder().decode(upgradeRequest("gateway.example:8443", KEY));

function read(text: string): Head {
  const head = new HeadReader().push(bytes(text));
  if (head === undefined) throw new Error("the head is not whole");
  return head;
}

test("the accept key is that of RFC 6455 §1.3", () => {
  expect(acceptKey(KEY)).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("our own request is a proper upgrade", () => {
  expect(checkUpgrade(read(request()))).toEqual({ key: KEY });
});

test("tokens are read as lists and without regard to case, as proxies and browsers write them", () => {
  const text = request()
    .replace("Connection: Upgrade", "connection: keep-alive, upgrade")
    .replace("Upgrade: websocket", "UPGRADE: WebSocket")
    .replace("Protocol: openc2", "Protocol: mqtt, openc2");
  expect(checkUpgrade(read(text))).toEqual({ key: KEY });
});

test("a list may stand on several lines", () => {
  const text = request().replace("Sec-WebSocket-Protocol: openc2", "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: openc2");
  expect(checkUpgrade(read(text))).toEqual({ key: KEY });
});

test("a page of the gateway's own may ask", () => {
  const text = request().replace("Host:", "Origin: https://Gateway.example:8443\r\nHost:");
  expect(checkUpgrade(read(text))).toEqual({ key: KEY });
});

test("whoever asks wrongly is told what to ask for", () => {
  expect(new TextDecoder().decode(errorResponse(426, "ERR_CHANNEL_HTTP"))).toContain(
    "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
  );
});

test.each([
  ["another path", "/.well-known/openc2", "/", 404],
  ["another method", "GET", "POST", 501],
  ["an old version of HTTP", "HTTP/1.1", "HTTP/1.0", 400],
  ["no upgrade", "Upgrade: websocket\r\n", "", 426],
  ["no Connection header", "Connection: Upgrade\r\n", "", 426],
  ["an old version of WebSocket", "Version: 13", "Version: 8", 426],
  ["a page of another server (RFC 6455 §10.2)", "Host:", "Origin: https://evil.example\r\nHost:", 403],
  ["a page without an origin", "Host:", "Origin: null\r\nHost:", 403],
  ["another subprotocol", "Protocol: openc2", "Protocol: mqtt", 400],
  ["a short key", KEY, "c2hvcnQ=", 400],
  ["no host", "Host: gateway.example:8443\r\n", "", 400],
])("%s is refused with its status", (_what, from, to, status) => {
  expect(checkUpgrade(read(request().replace(from, to)))).toEqual({ status: status as 400 });
});

describe("a head is refused that", () => {
  const refuse = (text: string) =>
    expect(() => new HeadReader().push(bytes(text))).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_HTTP" }));

  test("is too long, before its end has come", () => refuse(`GET / HTTP/1.1\r\nA: ${"x".repeat(HEAD_BYTES_MAX)}`));
  test("has too many lines", () =>
    refuse(`GET / HTTP/1.1\r\n${Array.from({ length: HEAD_LINES_MAX + 1 }, (_, i) => `A${i}: b\r\n`).join("")}\r\n`));
  test("names a header twice", () => refuse("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"));
  test("folds a line (RFC 9112 §5.2)", () => refuse("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"));
  test("has a space before the colon (RFC 9112 §5.1)", () => refuse("GET / HTTP/1.1\r\nA : b\r\n\r\n"));
  test("has a bare line feed", () => refuse("GET / HTTP/1.1\nA: b\r\n\r\n"));
  test("has a zero byte", () => refuse("GET / HTTP/1.1\r\nA: \0\r\n\r\n"));
  test("has no first line", () => refuse("\r\n\r\n"));
});

test("a head may come byte by byte, and what is behind it is kept", () => {
  const reader = new HeadReader();
  const wire = bytes(`${request()}rest`);
  const end = wire.length - 4;
  for (let at = 0; at < end - 1; at += 1) expect(reader.push(wire.subarray(at, at + 1))).toBeUndefined();
  expect(new TextDecoder().decode(reader.push(wire.subarray(end - 1))?.rest)).toBe("rest");
});

describe("the device's side", () => {
  const keyBytes = bytes("the sample nonce");
  const device = () => new ClientProtocol({ host: "gateway.example", keyBytes, maskBytes: () => new Uint8Array([1, 2, 3, 4]) });
  const kinds = (protocol: ClientProtocol, wire: Uint8Array) => protocol.receive(wire).map(({ kind }) => kind);

  test("opens on the proof for its own key and reads what came with it", () => {
    const protocol = device();
    expect(checkUpgrade(read(new TextDecoder().decode(protocol.start())))).toEqual({ key: KEY });
    const events = protocol.receive(new Uint8Array([...upgradeResponse(KEY), 0x81, 0x02, 0x7b, 0x7d, 0x88, 0x02, 0x0f, 0xa1]));
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "message", "send", "closed"]);
    expect(events.at(-1)).toEqual({ kind: "closed", code: 4001, reason: "" });
  });

  test("answers a ping with the same bytes, masked", () => {
    const protocol = device();
    protocol.receive(upgradeResponse(KEY));
    expect(protocol.receive(new Uint8Array([0x89, 1, 0x41]))).toEqual([
      { kind: "send", bytes: new Uint8Array([0x8a, 0x81, 1, 2, 3, 4, 0x40]) },
    ]);
  });

  test.each([
    ["the proof for another key", () => upgradeResponse("AAAAAAAAAAAAAAAAAAAAAA==")],
    ["a refusal", () => bytes("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n")],
    [
      "a response without the subprotocol",
      () => bytes(new TextDecoder().decode(upgradeResponse(KEY)).replace(/Sec-WebSocket-Protocol.*\r\n/, "")),
    ],
  ])("does not open on %s", (_what, response) => {
    expect(() => kinds(device(), response())).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_HTTP" }));
  });
});
