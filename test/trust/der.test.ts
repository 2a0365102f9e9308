/** As much of DER as is read and written here, byte by byte, at the lengths where its form changes. */
import { describe, expect, test } from "bun:test";
import { encodeCertsOnly, parseCertsOnly } from "../../src/trust/certs-only.ts";
import { bodyOf, element, elementsOf, TAG } from "../../src/trust/der.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));
const bytes = (length: number) => new Uint8Array(length).fill(0xab);

describe("an element", () => {
  test.each([
    [0, "0400"],
    [1, "0401"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_535, "0482ffff"],
  ])("of %d bytes has the shortest length there is, and is read back", (length, head) => {
    const der = element(TAG.octetString, bytes(length));
    expect(der.subarray(0, der.length - length).toHex()).toBe(head);
    expect(elementsOf(der)).toEqual([{ tag: TAG.octetString, der, body: bytes(length) }]);
  });

  test("of 65,536 bytes is not made", () => {
    expect(() => element(TAG.octetString, bytes(65_536))).toThrow(RangeError);
  });

  test("holds its parts one after the other", () => {
    expect(element(TAG.sequence, hex("020101"), hex(""), hex("0500")).toHex()).toBe("30050201010500");
  });

  test("with a length in three bytes is read", () => {
    const der = Uint8Array.of(0x04, 0x83, 0x01, 0x00, 0x00, ...bytes(65_536));
    expect(elementsOf(der)[0]?.body.length).toBe(65_536);
  });

  test.each([
    ["a length of four bytes", "0484 00000001 ab"],
    ["a length that is indefinite, which DER has not (X.690 §10.1)", "0480"],
    ["a tag alone", "04"],
    ["fewer bytes than it says", "0402 ab"],
    ["a second element that is cut", "0401ab 0402ab"],
    ["fewer bytes than its long length says", "048180 abab"],
  ])("is refused with %s", (_, der) => {
    expect(() => elementsOf(hex(der))).toThrow(RangeError);
  });

  test("elements stand one after the other, each with its own bytes", () => {
    const found = elementsOf(hex("020107 0c026869 3000"));
    expect(found.map(({ tag, der, body }) => [tag, der.toHex(), body.toHex()])).toEqual([
      [TAG.integer, "020107", "07"],
      [TAG.utf8String, "0c026869", "6869"],
      [TAG.sequence, "3000", ""],
    ]);
    expect(elementsOf(hex(""))).toEqual([]);
  });

  test("of another kind is not taken for the one that belongs there, nor is none", () => {
    const [integer] = elementsOf(hex("020107"));
    expect(bodyOf(integer, TAG.integer)).toEqual(hex("07"));
    expect(() => bodyOf(integer, TAG.sequence)).toThrow(RangeError);
    expect(() => bodyOf(undefined, TAG.sequence)).toThrow(RangeError);
  });
});

test("the tags are those of X.690 §8, and of the fields of a certificate (RFC 5280 §4.1, §4.2.1.6)", () => {
  expect(TAG).toEqual({
    boolean: 0x01,
    integer: 0x02,
    bitString: 0x03,
    octetString: 0x04,
    objectIdentifier: 0x06,
    utf8String: 0x0c,
    uri: 0x86,
    sequence: 0x30,
    set: 0x31,
    context0: 0xa0,
    context3: 0xa3,
  });
});

describe("a certs-only message", () => {
  const [one, two] = [hex("3003020101"), hex("3003020102")];

  test("is CMS SignedData of version 1 without content and signers, byte by byte (RFC 5652 §5.1)", () => {
    expect(encodeCertsOnly([hex("3000")])).toEqual(
      hex("3027 06092a864886f70d010702 a01a 3018 020101 3100 300b06092a864886f70d010701 a0023000 3100"),
    );
  });

  test("gives back its certificates in their order", () => {
    expect(parseCertsOnly(encodeCertsOnly([one, two]))).toEqual([one, two]);
    expect(parseCertsOnly(encodeCertsOnly([]))).toEqual([]);
  });

  test.each([
    ["of another type", "3027 06092a864886f70d010701 a01a 3018 020101 3100 300b06092a864886f70d010701 a0023000 3100"],
    ["without certificates", "3023 06092a864886f70d010702 a016 3014 020101 3100 300b06092a864886f70d010701 3100"],
    ["that is no sequence", "3100"],
    ["that is empty", ""],
    ["without content", "300b 06092a864886f70d010702"],
  ])("is refused when it is one %s", (_, der) => {
    expect(() => parseCertsOnly(hex(der))).toThrow(RangeError);
  });
});
