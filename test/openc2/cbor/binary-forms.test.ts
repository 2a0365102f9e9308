/** What is text in JSON and bytes in CBOR: the exact bytes, both ways, and every vector of the language in both serialisations. */
import { describe, expect, test } from "bun:test";
import { assert, integer, property, tuple, uint8Array } from "fast-check";
import { encodeCbor, type JsonValue, OpenC2Error, readCbor, validateCommand, validateResponse } from "../../../src/openc2/index.ts";
import commands from "../../../vectors/openc2/commands.json" with { type: "json" };
import responses from "../../../vectors/openc2/responses.json" with { type: "json" };
import xSwupCommands from "../../../vectors/openc2/x-swup-commands.json" with { type: "json" };

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const name = (text: string) => toHex(encodeCbor(text));

describe("bytes in CBOR, text in JSON", () => {
  test.each<readonly [string, JsonValue, string]>([
    ["a hash", { hashes: { md5: "00FF" } }, `a1${name("hashes")}a1${name("md5")}4200ff`],
    ["a hash that a profile has", { hashes: { sha384: "AB" } }, `a1${name("hashes")}a1${name("sha384")}41ab`],
    ["a payload", { payload: { bin: "AQID" } }, `a1${name("payload")}a1${name("bin")}43010203`],
    ["a MAC address", { mac_addr: "00:1B:44:11:3A:B7" }, `a1${name("mac_addr")}46001b44113ab7`],
    ["an EUI-64", { mac_addr: "00:1B:44:FF:FE:11:3A:B7" }, `a1${name("mac_addr")}48001b44fffe113ab7`],
    ["an IPv4 host", { ipv4_net: "192.0.2.1" }, `a1${name("ipv4_net")}8144c0000201`],
    ["an IPv4 network", { ipv4_net: "192.0.2.0/24" }, `a1${name("ipv4_net")}8244c00002001818`],
    ["an IPv6 network", { ipv6_net: "2001:db8::/32" }, `a1${name("ipv6_net")}825020010db8${"00".repeat(12)}1820`],
    ["all of IPv6", { ipv6_net: "::/0" }, `a1${name("ipv6_net")}8250${"00".repeat(16)}00`],
    [
      "the addresses of a connection",
      { ipv4_connection: { src_addr: "10.0.0.1", protocol: "tcp" } },
      `a1${name("ipv4_connection")}a2${name("protocol")}63746370${name("src_addr")}81440a000001`,
    ],
  ])("%s", (_, value, hex) => {
    expect(toHex(encodeCbor(value))).toBe(hex);
    expect(readCbor(fromHex(hex))).toEqual(value);
  });

  test.each<readonly [string, JsonValue, JsonValue]>([
    ["hashes in upper case (LS 1.0 §3.1.5)", { hashes: { md5: "ab" } }, { hashes: { md5: "AB" } }],
    ["colons in a MAC address", { mac_addr: "00-1b-44-11-3a-b7" }, { mac_addr: "00:1B:44:11:3A:B7" }],
    ["base64url without padding", { payload: { bin: "YQ==" } }, { payload: { bin: "YQ" } }],
    ["IPv6 as RFC 5952 §4 wants it", { ipv6_net: "2001:0DB8:0:0:1:0:0:1/64" }, { ipv6_net: "2001:db8::1:0:0:1/64" }],
    ["no :: for one group of zeros (§4.2.2)", { ipv6_net: "2001:db8::1:1:1:1:1" }, { ipv6_net: "2001:db8:0:1:1:1:1:1" }],
    ["a mapped address with its IPv4 part (§5)", { ipv6_net: "::FFFF:c000:201" }, { ipv6_net: "::ffff:192.0.2.1" }],
  ])("the way through CBOR gives %s", (_, given, wanted) => {
    expect(readCbor(encodeCbor(given))).toEqual(wanted);
  });

  test.each<JsonValue>([
    { hashes: { md5: "abc" } },
    { hashes: { md5: "xyz!" } },
    { hashes: { md5: "" } },
    { hashes: { md5: ["AB"] } },
    { payload: { url: "AQID", bin: "a" } },
    { payload: { bin: "YWJj_-" } },
    { mac_addr: "00:1B-44:11:3A:B7" },
    { ipv4_net: "192.0.2.256" },
    { ipv4_net: "192.0.2.0/33" },
    { ipv4_net: "192.0.2.0/08" },
    { ipv4_net: "2001:db8::" },
    { ipv6_net: "1::2::3" },
    { ipv6_net: "1:2:3:4:5:6:7" },
    { ipv6_net: "1:2:3:4::5:6:7:8" },
    { ipv6_net: "12345::" },
    { ipv6_net: "::192.0.2.1:1" },
    { note: "AB", sha256: "AB", src_addr: "10.0.0.1" },
  ])("%j stays text, for the language to judge", (value) => {
    expect(readCbor(encodeCbor(value))).toEqual(value);
  });

  test("text is read too where bytes are meant: other encoders write JSON's values as they are", () => {
    const plain = `a1${name("hashes")}a1${name("md5")}${name("00ff")}`;
    expect(readCbor(fromHex(plain))).toEqual({ hashes: { md5: "00ff" } });
  });

  test.each([
    ["five bytes as a MAC address", `a1${name("mac_addr")}450102030405`],
    ["five bytes as an IPv4 address", `a1${name("ipv4_net")}81450102030405`],
    ["an IPv4 address for an IPv6 network", `a1${name("ipv6_net")}8144c0000201`],
    ["a network without its list", `a1${name("ipv4_net")}44c0000201`],
    ["an empty network", `a1${name("ipv4_net")}80`],
    ["a network of three", `a1${name("ipv4_net")}8344c00002010000`],
    ["a prefix of 33", `a1${name("ipv4_net")}8244c00002011821`],
    ["a negative prefix", `a1${name("ipv4_net")}8244c000020120`],
    ["a list where the prefix stands", `a1${name("ipv4_net")}8244c00002019818${"00".repeat(24)}`],
    ["text in a network", `a1${name("ipv4_net")}81${name("10.0.0.1")}`],
    ["a hash in a list", `a1${name("hashes")}a1${name("md5")}8141ab`],
  ])("%s is refused", (_, hex) => {
    expect(() => readCbor(fromHex(hex))).toThrow(expect.objectContaining({ code: "ERR_OPENC2_CBOR_BINARY" }));
  });

  test("any bytes come back as they were", () => {
    const net = (length: number) => tuple(uint8Array({ minLength: length, maxLength: length }), integer({ min: 0, max: length * 8 }));
    assert(
      property(uint8Array({ minLength: 1 }), net(4), net(16), (bytes, ipv4, ipv6) => {
        const head = (item: Uint8Array) => toHex(encodeCbor("x".repeat(item.length))).slice(0, -2 * item.length);
        const bstr = (item: Uint8Array) =>
          (Number.parseInt(head(item).slice(0, 2), 16) - 0x20).toString(16) + head(item).slice(2) + toHex(item);
        const list = ([address, prefix]: readonly [Uint8Array, number]) => `82${bstr(address)}${toHex(encodeCbor(prefix))}`;
        const hashes = `${name("hashes")}a1${name("md5")}${bstr(bytes)}`;
        const hex = `a3${hashes}${name("ipv4_net")}${list(ipv4)}${name("ipv6_net")}${list(ipv6)}`;
        expect(toHex(encodeCbor(readCbor(fromHex(hex))))).toBe(hex);
      }),
    );
  });
});

describe("the vectors of the language, through CBOR", () => {
  const all = [
    ...[...commands.vectors, ...xSwupCommands.vectors].map((vector) => ({ ...vector, validate: validateCommand })),
    ...responses.vectors.map((vector) => ({ ...vector, validate: validateResponse })),
  ];
  const verdict = (validate: (value: JsonValue) => unknown, value: JsonValue) => {
    try {
      validate(value);
      return "good";
    } catch (error) {
      if (error instanceof OpenC2Error) return `${error.code} ${error.path}`;
      throw error;
    }
  };
  test.each(all.map((vector) => [vector.name, vector] as const))("%s has the same verdict", (_, { value, validate }) => {
    expect(verdict(validate, readCbor(encodeCbor(value as JsonValue)))).toBe(verdict(validate, value as JsonValue));
  });
});
