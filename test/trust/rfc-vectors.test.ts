/** Examples of the RFCs through what a device verifies with; and what their verifiers leave open about weak keys and twin signatures. */
import { describe, expect, test } from "bun:test";
import { base64url, type JWK } from "jose";
import { algorithmOf, kidOf } from "../../src/trust/kid.ts";
import { fromTufKey, fromTufSignature, keyIdOf, PERSON, toTufKey, toTufSignature } from "../../src/trust/tuf-key.ts";
import { verifySelfSigned } from "../../src/trust/verify/index.ts";
import { checkSignature } from "../../src/trust/verify/jws.ts";
import rfc8032 from "../../vectors/signatures/rfc8032.json" with { type: "json" };
import jose from "../../vectors/signatures/rfc7515-rfc8037.json" with { type: "json" };

/** One person's key and signature, as the root of a document of these bytes. */
function verify(jwk: JWK, message: Uint8Array, signature: string): Promise<void> {
  const key = toTufKey({ jwk, person: "somebody" });
  const keyId = keyIdOf(key);
  return verifySelfSigned({
    version: 1,
    expiresMs: 0,
    keys: { it: fromTufKey(keyId, key) },
    root: { kids: ["it"], threshold: 1 },
    signed: {},
    signedBytes: message,
    signatures: new Map([[keyId, signature]]),
  });
}

const refused = expect.objectContaining({ code: "ERR_TRUST_THRESHOLD" });
const ed25519 = (hex: string): JWK => ({ kty: "OKP", crv: "Ed25519", x: base64url.encode(Uint8Array.fromHex(hex)) });
const flip = (hex: string, at: number) => hex.slice(0, at) + (Number.parseInt(hex[at] ?? "0", 16) ^ 1).toString(16) + hex.slice(at + 1);

describe.each(rfc8032.tests)("RFC 8032 §7.1 $name", ({ publicKey, message, signature }) => {
  const bytes = Uint8Array.fromHex(message);

  test("verifies", () => verify(ed25519(publicKey), bytes, signature));

  test("does not verify with one bit changed in R, in S, in the message or in the key", async () => {
    for (const at of [0, 63, 64, 126]) await expect(verify(ed25519(publicKey), bytes, flip(signature, at))).rejects.toEqual(refused);
    await expect(verify(ed25519(publicKey), Uint8Array.of(...bytes, 0), signature)).rejects.toEqual(refused);
    await expect(
      verify(ed25519(rfc8032.tests.find((other) => other.publicKey !== publicKey)?.publicKey ?? ""), bytes, signature),
    ).rejects.toEqual(refused);
  });

  test("attack: the same signature with S + L, a second spelling (§5.1.7)", async () => {
    const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
    const s = BigInt(`0x${Uint8Array.fromHex(signature.slice(64)).reverse().toHex()}`);
    const twin = Uint8Array.fromHex((s + L).toString(16).padStart(64, "0"))
      .reverse()
      .toHex();
    await expect(verify(ed25519(publicKey), bytes, signature.slice(0, 64) + twin)).rejects.toEqual(refused);
  });

  test.each(["", "00", signature.slice(0, 126), `${signature}00`, "zz"])("is no signature: %#", async (text) => {
    await expect(verify(ed25519(publicKey), bytes, text)).rejects.toEqual(refused);
  });
});

describe.each(jose.tests)("$name", ({ jwk, jws, kid }) => {
  const [protectedText = "", payload = "", signature = ""] = jws.split(".");
  const holder = { jwk, person: "somebody" };

  test("verifies, and its key has the thumbprint of RFC 7638", async () => {
    await checkSignature(payload, { protectedText, signature }, holder);
    expect(kidOf(jwk)).toBe(kid.slice(0, 16));
  });

  test("does not verify over another payload or header, cut, or longer by a byte", async () => {
    const raw = base64url.decode(signature);
    for (const [given, header, value] of [
      [`${payload}A`, protectedText, signature],
      [payload, `${protectedText}A`, signature],
      [payload, protectedText, ""],
      [payload, protectedText, base64url.encode(raw.subarray(1))],
      [payload, protectedText, base64url.encode(Uint8Array.of(...raw, 0))],
    ] as const) {
      await expect(checkSignature(given, { protectedText: header, signature: value }, holder)).rejects.toMatchObject({
        code: "ERR_TRUST_SIGNATURE",
      });
    }
  });
});

describe("hardening: ECDSA in root metadata has one spelling", () => {
  const p256 = jose.tests.find(({ jwk }) => jwk.kty === "EC");
  const jwk: JWK = p256?.jwk ?? {};
  const raw = base64url.decode(p256?.jws.split(".")[2] ?? "");
  const der = toTufSignature(raw, jwk);

  test.each([
    ["01", "01", "3006 020101 020101"],
    ["7f", "80", "3007 02017f 02020080"],
    ["0100", "ff00", "3009 02020100 020300ff00"],
    ["00", "00", "3006 020100 020100"],
    [`80${"00".repeat(31)}`, `7f${"ff".repeat(31)}`, `3045 022100 80${"00".repeat(31)} 0220 7f${"ff".repeat(31)}`],
  ])("byte by byte: %s and %s (X.690 §8.3)", (r, s, spelled) => {
    const small = Uint8Array.fromHex(r.padStart(64, "0") + s.padStart(64, "0"));
    expect(toTufSignature(small, jwk)).toBe(spelled.replaceAll(" ", ""));
    expect(fromTufSignature(spelled.replaceAll(" ", ""), jwk)).toEqual(small);
  });

  test("which is read back to the 64 bytes", () => {
    expect(fromTufSignature(der, jwk)).toEqual(raw);
  });

  test.each([
    ["a number with a zero that its sign does not need", "3007020200010201 01"],
    ["a number that is negative", "3006 0201ff 020101"],
    ["a length in the long form", "308106 020101 020101"],
    ["a byte behind it", "3006 020101 020101 00"],
    ["a number of 33 digits", `3026 0221${"01".repeat(33)} 020101`],
    ["a second number of 33 digits", `3026 020101 0221${"01".repeat(33)}`],
    ["a number without digits", "3005 0200 020101"],
    ["a second number without digits", "3005 020101 0200"],
    ["one number", "3003 020101"],
    ["another tag", "3106 020101 020101"],
    ["another tag of a number", "3006 030101 020101"],
    ["nothing", ""],
  ])("and not %s", (_, text) => {
    expect(fromTufSignature(text.replaceAll(" ", ""), jwk)).toBeUndefined();
  });
});

describe("hardening: keys with which anybody can sign", () => {
  /** y of the eight points of small order, and spellings of them beyond the field: with S = 0 they verify for any message. */
  const SMALL_ORDER = [
    `${"00".repeat(32)}`,
    `01${"00".repeat(31)}`,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    `ec${"ff".repeat(30)}7f`,
    `ed${"ff".repeat(30)}7f`,
    `ee${"ff".repeat(30)}7f`,
  ];
  const withSign = (hex: string) =>
    Uint8Array.fromHex(hex)
      .with(31, (Uint8Array.fromHex(hex)[31] ?? 0) | 0x80)
      .toHex();

  test.each([...SMALL_ORDER, ...SMALL_ORDER.map(withSign)])("are no director's: %s", (hex) => {
    const key = { keytype: "ed25519", scheme: "ed25519", keyval: { public: hex }, [PERSON]: "anna" };
    expect(() => fromTufKey(keyIdOf(key), key)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });

  test.each([...SMALL_ORDER, ...SMALL_ORDER.map(withSign)])("are nobody's, wherever a key comes from: %s", (hex) => {
    expect(() => algorithmOf(ed25519(hex))).toThrow(expect.objectContaining({ code: "ERR_TRUST_ALGORITHM" }));
  });
});

describe("hardening: a key that says of itself what it is for", () => {
  const p256 = jose.tests.find(({ jwk }) => jwk.kty === "EC")?.jwk;
  test.each([{ use: "enc" }, { alg: "ES512" }, { alg: "EdDSA" }])("is taken at its word: %p", (words) => {
    expect(() => kidOf({ ...p256, ...words })).toThrow(expect.objectContaining({ code: "ERR_TRUST_ALGORITHM" }));
  });
  test("and is used when that is this", () => {
    expect(kidOf({ ...p256, use: "sig", alg: "ES256" })).toBe(kidOf({ ...p256 }));
  });
});
