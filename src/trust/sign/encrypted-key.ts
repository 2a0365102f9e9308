/**
 * A private key under a passphrase, in the standard form: EncryptedPrivateKeyInfo (RFC 5958 §3) with PBES2 (RFC 8018 §6.2), that is
 * PBKDF2-HMAC-SHA-256 and AES-256-CBC, so `openssl pkey` reads it. PBKDF2 and not scrypt, because WebCrypto has it: the same
 * code runs in a browser, and native code makes 600,000 rounds bearable. Pure but for WebCrypto's salt.
 */
import { type AsnType, fromBER, Integer, Null, ObjectIdentifier, OctetString, Sequence } from "asn1js";
import { TrustError } from "../errors.ts";
import { KDF_ROUNDS, KDF_ROUNDS_MAX } from "../limits.ts";

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const HMAC_SHA256 = "1.2.840.113549.2.9";
const AES_256_CBC = "2.16.840.1.101.3.4.1.42";
const SALT_BYTES = 16;
const BLOCK_BYTES = 16;

interface Parameters {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly rounds: number;
  readonly iv: Uint8Array<ArrayBuffer>;
}

/** `pkcs8` is a PrivateKeyInfo in DER; so is what comes back, encrypted. */
export async function encryptKey(pkcs8: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const parameters = { salt: random(SALT_BYTES), rounds: KDF_ROUNDS, iv: random(BLOCK_BYTES) };
  const key = await deriveKey(passphrase, parameters);
  const encrypted = await crypto.subtle.encrypt({ name: "AES-CBC", iv: parameters.iv }, key, pkcs8 as Uint8Array<ArrayBuffer>);
  const whole = sequence(algorithmOf(parameters), new OctetString({ valueHex: encrypted }));
  return new Uint8Array(whole.toBER());
}

/** Throws ERR_TRUST_KEY for what is not in this form, ERR_TRUST_PASSPHRASE when it does not open. */
export async function decryptKey(der: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const { parameters, encrypted } = parse(der);
  const key = await deriveKey(passphrase, parameters);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv: parameters.iv }, key, encrypted));
  } catch (cause) {
    throw new TrustError("ERR_TRUST_PASSPHRASE", "the passphrase does not open this key", { cause });
  }
}

async function deriveKey(passphrase: string, { salt, rounds }: Parameters): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase), "PBKDF2", false, ["deriveKey"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(kdf, secret, { name: "AES-CBC", length: 256 }, false, ["encrypt", "decrypt"]);
}

function algorithmOf({ salt, rounds, iv }: Parameters): Sequence {
  const prf = sequence(oid(HMAC_SHA256), new Null());
  const kdf = sequence(oid(PBKDF2), sequence(new OctetString({ valueHex: salt }), new Integer({ value: rounds }), prf));
  return sequence(oid(PBES2), sequence(kdf, sequence(oid(AES_256_CBC), new OctetString({ valueHex: iv }))));
}

function parse(der: Uint8Array): { readonly parameters: Parameters; readonly encrypted: Uint8Array<ArrayBuffer> } {
  const [algorithm, encrypted] = partsOf(fromBER(der as Uint8Array<ArrayBuffer>).result);
  const [scheme, schemeParameters] = partsOf(algorithm);
  expectOid(scheme, PBES2, "PBES2");
  const [kdf, cipher] = partsOf(schemeParameters);
  const [kdfName, kdfParameters] = partsOf(kdf);
  expectOid(kdfName, PBKDF2, "PBKDF2");
  const [salt, rounds, ...more] = partsOf(kdfParameters);
  // The optional length of the key, then the function.
  const [prf] = partsOf(more.at(-1));
  expectOid(prf, HMAC_SHA256, "HMAC-SHA-256");
  const [cipherName, iv] = partsOf(cipher);
  expectOid(cipherName, AES_256_CBC, "AES-256-CBC");
  if (!(rounds instanceof Integer) || !(rounds.valueBlock.valueDec >= 1 && rounds.valueBlock.valueDec <= KDF_ROUNDS_MAX))
    throw unusable(`its rounds are not from 1 to ${KDF_ROUNDS_MAX}`);
  return { parameters: { salt: octets(salt), rounds: rounds.valueBlock.valueDec, iv: octets(iv) }, encrypted: octets(encrypted) };
}

function sequence(...value: AsnType[]): Sequence {
  return new Sequence({ value });
}

function oid(value: string): ObjectIdentifier {
  return new ObjectIdentifier({ value });
}

function partsOf(value: AsnType | undefined): readonly AsnType[] {
  if (value instanceof Sequence) return value.valueBlock.value;
  throw unusable("it is no EncryptedPrivateKeyInfo");
}

function expectOid(value: AsnType | undefined, wanted: string, name: string): void {
  if (!(value instanceof ObjectIdentifier) || value.valueBlock.toString() !== wanted) throw unusable(`it is not made with ${name}`);
}

function octets(value: AsnType | undefined): Uint8Array<ArrayBuffer> {
  if (value instanceof OctetString) return new Uint8Array(value.valueBlock.valueHexView);
  throw unusable("it is no EncryptedPrivateKeyInfo");
}

function unusable(why: string): TrustError {
  return new TrustError("ERR_TRUST_KEY", `the encrypted key cannot be read: ${why}; \`openssl pkcs8 -topk8 -v2 aes256\` makes one`);
}
