/** One message in three dialects, to the byte: what is sent is canonical and in the order of the specifications. */
import { describe, expect, test } from "bun:test";
import { type Command, encodeMessage, type Message, parseMessage, type Response } from "../../src/openc2/index.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const headers = { request_id: "r" };
const request = (command: Command, comment?: string): Message => ({
  kind: "request",
  headers,
  command,
  ...(comment !== undefined && { comment }),
});
const response = (response: Response): Message => ({ kind: "response", headers, response });

describe("a query of a profile's target", () => {
  const message = request(
    { action: "query", target: { "x-swup:software": { name: "a" } }, actuator: { "x-swup": {} }, args: { response_requested: "complete" } },
    "as agreed",
  );
  test.each([
    [
      "D1",
      '{"action":"query","target":{"x-swup:software":{"name":"a"}},"args":{"response_requested":"complete"},"actuator":{"x-swup":{}}}',
    ],
    [
      "D2",
      '{"headers":{"request_id":"r"},"body":{"openc2":{"request":{"action":"query","target":{"x-swup:software":{"name":"a"}},' +
        '"args":{"response_requested":"complete"},"actuator":{"x-swup":{}}}}}}',
    ],
    [
      "D3",
      '{"headers":{"request_id":"r"},"body":{"openc2":{"request":{"action":"query","target":{"x-swup":{"software":{"name":"a"}}},' +
        '"args":{"response_requested":"complete","comment":"as agreed"},"profile":"x-swup"}}}}',
    ],
  ] as const)("is in %s %s", (dialect, expected) => {
    expect(text(encodeMessage(message, dialect))).toBe(expected);
  });
  test("keeps its comment in D3 alone", () => {
    const again = parseMessage(encodeMessage(message, "D3"), { dialect: "any" });
    expect([again.dialect, again.kind === "request" && again.comment]).toEqual(["D3", "as agreed"]);
  });
});

test("pairs are grouped in D3 as WD02 §4.2.3 shows, and read back into one map", () => {
  const pairs = { query: ["features"], allow: ["ipv6_net"], delete: ["slpf:rule_number"], update: ["file", "x-swup:software"] };
  const bytes = encodeMessage(response({ status: 200, results: { profiles: ["slpf", "x-swup"], pairs } }), "D3");
  expect(JSON.parse(text(bytes)).body.openc2.response.results).toEqual({
    profiles: ["slpf", "x-swup"],
    pairs: { query: ["features"] },
    slpf: { pairs: { allow: ["ipv6_net"], delete: ["slpf/rule_number"], update: ["file"] } },
    "x-swup": { pairs: { update: ["x-swup/software"] } },
  });
  const again = parseMessage(bytes, { dialect: "D3" });
  expect(again.kind === "response" && JSON.parse(JSON.stringify(again.response.results?.pairs))).toEqual(pairs);
});

describe("what is sent", () => {
  test.each<[string, Command["target"], string]>([
    ["a digest in capitals", { file: { hashes: { md5: "ab".repeat(16) } } }, `{"file":{"hashes":{"md5":"${"AB".repeat(16)}"}}}`],
    ["IPv6 after RFC 5952", { ipv6_net: "2001:0DB8:0:0:0:0:0:1/64" }, '{"ipv6_net":"2001:db8::1/64"}'],
    ["an address of a connection likewise", { ipv6_connection: { dst_addr: "0::1" } }, '{"ipv6_connection":{"dst_addr":"::1"}}'],
    ["a MAC address with colons", { mac_addr: "00-1b-44-11-3a-b7" }, '{"mac_addr":"00:1B:44:11:3A:B7"}'],
    ["a name that looks like a digest as it is", { file: { name: "abcdef" } }, '{"file":{"name":"abcdef"}}'],
  ])("has %s: %j", (_, target, expected) => {
    expect(text(encodeMessage(request({ action: "scan", target }), "D1"))).toBe(`{"action":"scan","target":${expected}}`);
  });
  test("has its members in order, whatever the order they came in", () => {
    const command: Command = {
      command_id: "c",
      args: { slpf: { direction: "both" }, response_requested: "ack", start_time: 1 },
      target: { ipv4_net: "192.0.2.1" },
      action: "deny",
    };
    expect(text(encodeMessage(request(command), "D1"))).toBe(
      '{"action":"deny","target":{"ipv4_net":"192.0.2.1"},"args":{"start_time":1,"response_requested":"ack","slpf":{"direction":"both"}},"command_id":"c"}',
    );
  });
  test("has no member that the language has not, rather than lose it in silence", () => {
    const command = { action: "deny", target: { ipv4_net: "192.0.2.1" }, commandId: "c" } as const;
    for (const dialect of ["D1", "D2", "D3"] as const)
      expect(() => encodeMessage(request(command), dialect)).toThrow(expect.objectContaining({ code: "ERR_OPENC2_UNKNOWN" }));
  });
  test("has no actuator specifier in D3, which cannot say it", () => {
    const command: Command = { action: "deny", target: { ipv4_net: "192.0.2.1" }, actuator: { slpf: { hostname: "a" } } };
    expect(() => encodeMessage(request(command), "D3")).toThrow(
      expect.objectContaining({ code: "ERR_OPENC2_VALUE", path: "$.actuator.slpf" }),
    );
  });
});
