/** Keys: the two kinds that are accepted, in JOSE's spelling and in TUF's, and everything that comes near one. */
import { describe, expect, test } from "bun:test";
import { base64url, type JWK } from "jose";
import { algorithmOf, kidOf } from "../../src/trust/kid.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import { fromTufKey, keyIdOf, PERSON, toTufKey } from "../../src/trust/tuf-key.ts";

const ed25519 = (await generateSigner("anna")).publicJwk;
const p256 = (await generateSigner("bert", "ES256")).publicJwk;
const P256_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
const point = [p256.x, p256.y].map((text) => base64url.decode(text ?? "").toHex()).join("");
const digits = base64url.decode(ed25519.x ?? "").toHex();

describe("a key in JOSE's spelling", () => {
  test("is for the one algorithm of its kind, also when it says so, by either name of it (RFC 9864)", () => {
    expect([algorithmOf(ed25519), algorithmOf(p256)]).toEqual(["EdDSA", "ES256"]);
    for (const alg of ["EdDSA", "Ed25519"]) expect(algorithmOf({ ...ed25519, alg })).toBe("EdDSA");
    expect(kidOf({ ...ed25519, alg: "Ed25519" })).toBe(kidOf(ed25519));
  });

  test("whose x is no point is for the algorithm that it names: importing it fails, with the words for that", () => {
    for (const x of ["", "AA", "%%", base64url.encode(new Uint8Array(33))]) expect(algorithmOf({ ...ed25519, x })).toBe("EdDSA");
  });

  test.each<JWK>([
    { kty: "OKP", crv: "X25519" },
    { kty: "OKP", crv: "P-256" },
    { kty: "EC", crv: "Ed25519" },
    { kty: "EC", crv: "P-384" },
    { kty: "RSA", crv: "P-256" },
    { kty: "oct", k: "AA" },
    {},
  ])("is refused when it is of the kind %j", (kind) => {
    expect(() => algorithmOf({ ...ed25519, y: p256.y ?? "", kty: undefined, crv: undefined, ...kind } as JWK)).toThrow(
      expect.objectContaining({ code: "ERR_TRUST_ALGORITHM" }),
    );
  });
});

describe("a key in TUF's spelling", () => {
  const read = (scheme: string, text: string) => {
    const key = { keytype: "any", scheme, keyval: { public: text }, [PERSON]: "anna" };
    return fromTufKey(keyIdOf(key), key);
  };
  const pem = (hex: string) => `-----BEGIN PUBLIC KEY-----\n${Uint8Array.fromHex(hex).toBase64()}\n-----END PUBLIC KEY-----\n`;

  test.each([
    ["Ed25519", ed25519],
    ["P-256", p256],
  ])("is read back to the same %s key", (_, jwk) => {
    const key = toTufKey({ jwk, person: "anna" });
    expect(fromTufKey(keyIdOf(key), key)).toEqual({ keyId: keyIdOf(key), person: "anna", jwk });
  });

  test.each<readonly [string, string, string]>([
    ["in capitals: a second spelling", "ed25519", digits.toUpperCase().replace(/^/, "A").slice(0, 64)],
    ["of 62 digits", "ed25519", digits.slice(2)],
    ["of 66 digits", "ed25519", `${digits}00`],
    ["of 66 digits, the other way round", "ed25519", `00${digits}`],
    ["with a line behind it", "ed25519", `${digits}\n`],
    ["of a scheme that nobody here knows", "ed25519ph", digits],
    ["of the other kind's scheme", "ecdsa-sha2-nistp256", digits],
    ["of the other kind's value", "ed25519", pem(P256_PREFIX + point)],
    ["of a longer curve's scheme", "ecdsa-sha2-nistp384", pem(P256_PREFIX + point)],
    ["with a byte less", "ecdsa-sha2-nistp256", pem((P256_PREFIX + point).slice(0, -2))],
    ["with a byte more", "ecdsa-sha2-nistp256", pem(`${P256_PREFIX + point}00`)],
    ["of another curve (secp256k1)", "ecdsa-sha2-nistp256", pem(`3056301006072a8648ce3d020106052b8104000a03420004${point}`)],
    ["whose last byte of the header is another", "ecdsa-sha2-nistp256", pem(`${P256_PREFIX.slice(0, -2)}02${point}`)],
    ["whose first byte is another", "ecdsa-sha2-nistp256", pem(`31${P256_PREFIX.slice(2)}${point}`)],
  ])("is refused %s", (_, scheme, text) => {
    expect(() => read(scheme, text)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });
});
