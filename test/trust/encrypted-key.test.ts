/** The parts of an encrypted private key: every one that is another than this one algorithm's is refused before a key is derived. */
import { describe, expect, test } from "bun:test";
import { type AsnType, fromBER, Integer, Null, ObjectIdentifier, OctetString, Sequence } from "asn1js";
import { KDF_ROUNDS, KDF_ROUNDS_MAX } from "../../src/trust/limits.ts";
import { decryptKey, encryptKey } from "../../src/trust/sign/encrypted-key.ts";
import { signerInPem } from "../../src/trust/sign/index.ts";

const PASSPHRASE = "pleasant tin whistle";
const PLAIN = new Uint8Array(48).fill(7);
const good = new Uint8Array(await encryptKey(PLAIN, PASSPHRASE));

/** Where the parts of RFC 8018 App. A.4 stand, from the whole down. */
const AT = {
  algorithm: [0],
  scheme: [0, 0],
  kdf: [0, 1, 0, 0],
  salt: [0, 1, 0, 1, 0],
  rounds: [0, 1, 0, 1, 1],
  prf: [0, 1, 0, 1, 2, 0],
  kdfParameters: [0, 1, 0, 1],
  cipher: [0, 1, 1, 0],
  iv: [0, 1, 1, 1],
  encrypted: [1],
} as const;

/** The good key with another part at one place. */
function withPart(place: keyof typeof AT, part: AsnType): Uint8Array {
  const { result } = fromBER(good);
  const rebuilt = replaced(result, AT[place], part);
  return new Uint8Array(rebuilt.toBER());
}

function replaced(value: AsnType, [first, ...rest]: readonly number[], part: AsnType): AsnType {
  if (first === undefined) return part;
  if (!(value instanceof Sequence)) throw new Error("the path leads through no sequence");
  return new Sequence({ value: value.valueBlock.value.map((inner, index) => (index === first ? replaced(inner, rest, part) : inner)) });
}

const codeOf = (der: Uint8Array) =>
  decryptKey(der, PASSPHRASE).then(
    () => "opened",
    ({ code }: { readonly code?: string }) => code,
  );

test("the good one opens, rebuilt part by part", async () => {
  expect(await decryptKey(good, PASSPHRASE)).toEqual(PLAIN);
  const { result } = fromBER(good);
  expect(new Uint8Array(replaced(result, [9], new Null()).toBER())).toEqual(good);
});

test("a salt is 16 bytes and the rounds are 600,000", () => {
  const parameters = AT.kdfParameters.reduce<AsnType>(
    (value, index) => (value as Sequence).valueBlock.value[index] ?? new Null(),
    fromBER(good).result,
  );
  const [salt, rounds] = (parameters as Sequence).valueBlock.value;
  expect((salt as OctetString).valueBlock.valueHexView).toHaveLength(16);
  expect([(rounds as Integer).valueBlock.valueDec, KDF_ROUNDS, KDF_ROUNDS_MAX]).toEqual([600_000, 600_000, 8_000_000]);
});

describe("is refused with another", () => {
  const oid = (value: string) => new ObjectIdentifier({ value });
  test.each<readonly [string, keyof typeof AT, AsnType]>([
    ["scheme (PBES1 with MD5 and DES)", "scheme", oid("1.2.840.113549.1.5.3")],
    ["scheme that is no name", "scheme", new Null()],
    ["derivation (scrypt)", "kdf", oid("1.3.6.1.4.1.11591.4.11")],
    ["hash (HMAC-SHA-1)", "prf", oid("1.2.840.113549.2.7")],
    ["cipher (AES-128-CBC)", "cipher", oid("2.16.840.1.101.3.4.1.2")],
    ["kind of salt", "salt", new Null()],
    ["kind of vector", "iv", new Integer({ value: 1 })],
    ["kind of secret", "encrypted", new Null()],
    ["kind of rounds", "rounds", new OctetString({ valueHex: Uint8Array.of(1).buffer })],
    ["number of rounds: none", "rounds", new Integer({ value: 0 })],
    ["number of rounds: fewer than none", "rounds", new Integer({ value: -1 })],
    ["number of rounds: one over the limit, before a single one is made", "rounds", new Integer({ value: 8_000_001 })],
    ["number of rounds: one that takes four bytes", "rounds", new Integer({ value: 2 ** 31 - 1 })],
    ["algorithm: none", "algorithm", new Sequence()],
  ])("%s", async (_, place, part) => {
    expect(await codeOf(withPart(place, part))).toBe("ERR_TRUST_KEY");
  });

  test("and with a single round it is tried", async () => {
    // One padding in 256 looks right.
    expect(await codeOf(withPart("rounds", new Integer({ value: 1 })))).toBeOneOf(["ERR_TRUST_PASSPHRASE", "opened"]);
  });
});

test("what opens and is no key was opened with another passphrase", async () => {
  const locked = (await encryptKey(PLAIN, PASSPHRASE)).toBase64();
  const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${locked}\n-----END ENCRYPTED PRIVATE KEY-----`;
  await expect(signerInPem("anna", pem, PASSPHRASE)).rejects.toMatchObject({ code: "ERR_TRUST_PASSPHRASE" });
});
