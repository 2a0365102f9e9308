/** Key files: what OpenSSL makes of ours, what we make of OpenSSL's, and files that somebody has tampered with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBER, type Integer, type OctetString, type Sequence } from "asn1js";
import { KDF_ROUNDS } from "../../src/trust/limits.ts";
import { decryptKey, encryptKey } from "../../src/trust/sign/encrypted-key.ts";
import {
  generateSigner,
  openKeyFile,
  readKeyFile,
  signerInPem,
  writeKeyFile,
  writePublicFile,
  writeTokenFile,
} from "../../src/trust/sign/index.ts";

const PASSPHRASE = "pleasant tin whistle";
const skipReason = Bun.which("openssl") === null ? " (skipped: openssl is not installed)" : "";
const directory = mkdtempSync(join(tmpdir(), "edict-key-file-"));
const file = (name: string) => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function openssl(...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: directory });
  if (exitCode !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  return stdout.toString();
}

describe.each(["EdDSA", "ES256"] as const)("a key for %s", (algorithm) => {
  let text = "";
  let kid = "";
  beforeAll(async () => {
    const signer = await generateSigner("anna@isp.example", algorithm);
    kid = signer.kid;
    text = await writeKeyFile(signer, PASSPHRASE);
    writeFileSync(file(`${algorithm}.pem`), text);
  });

  test("opens with its passphrase and signs as before", async () => {
    const key = await readKeyFile(text);
    expect(key).toMatchObject({ person: "anna@isp.example", kid, protection: "passphrase" });
    const opened = await openKeyFile(key, PASSPHRASE);
    expect(opened.kid).toBe(kid);
    expect(await opened.sign(new Uint8Array(3))).toHaveLength(64);
  });

  test("does not open with another passphrase, whatever padding comes out", async () => {
    const key = await readKeyFile(text);
    for (const wrong of ["", "pleasant tin whistlf"])
      await expect(openKeyFile(key, wrong)).rejects.toMatchObject({ code: "ERR_TRUST_PASSPHRASE" });
  });

  test.skipIf(skipReason !== "")(`is read by openssl pkey, both halves${skipReason}`, () => {
    const fromPrivate = openssl("pkey", "-in", `${algorithm}.pem`, "-passin", `pass:${PASSPHRASE}`, "-pubout");
    expect(openssl("pkey", "-pubin", "-in", `${algorithm}.pem`, "-pubout")).toBe(fromPrivate);
    expect(text).toContain(fromPrivate.trim());
  });

  test.skipIf(skipReason !== "")(`made and encrypted by openssl is read here${skipReason}`, async () => {
    const kind = algorithm === "EdDSA" ? ["-algorithm", "ED25519"] : ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl("genpkey", ...kind, "-out", "plain.pem");
    const plain = await signerInPem("bert", await Bun.file(file("plain.pem")).text());
    openssl("pkcs8", "-topk8", "-in", "plain.pem", "-out", "locked.pem", "-v2", "aes256", "-passout", `pass:${PASSPHRASE}`);
    const locked = await signerInPem("bert", await Bun.file(file("locked.pem")).text(), PASSPHRASE);
    expect(locked.kid).toBe(plain.kid);
  });

  test("the public file has no private half, and the plain form says that it is plain", async () => {
    const signer = await generateSigner("anna", algorithm);
    const shared = await writePublicFile(signer);
    expect(shared).not.toContain("PRIVATE");
    expect(await readKeyFile(shared)).toMatchObject({ kid: signer.kid, protection: "public only" });
    expect(await readKeyFile(await writeKeyFile(signer, undefined))).toMatchObject({ protection: "plain" });
  });
});

test("a file of a key in a token says where it is, and no other file does", async () => {
  const uri = "pkcs11:token=edict;object=anna";
  const signer = await generateSigner("anna");
  const key = await readKeyFile(await writeTokenFile(signer, uri));
  expect(key).toMatchObject({ person: "anna", kid: signer.kid, protection: "token", token: uri });
  expect(await readKeyFile(await writePublicFile(signer))).not.toHaveProperty("token");
});

test("spaces behind a name do not make another person", async () => {
  const text = await writePublicFile(await generateSigner("anna"));
  expect((await readKeyFile(text.replace("person: anna", "person: anna  "))).person).toBe("anna");
});

describe("attacks on key files", () => {
  test("the public half was exchanged for the attacker's: the key does not open", async () => {
    const anna = await writeKeyFile(await generateSigner("anna"), PASSPHRASE);
    const other = await writePublicFile(await generateSigner("mallory"));
    const block = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/;
    const mixed = anna.replace(block, block.exec(other)?.[0] ?? "");
    await expect(openKeyFile(await readKeyFile(mixed), PASSPHRASE)).rejects.toMatchObject({ code: "ERR_TRUST_KEY" });
  });

  test("every new file has its own salt and vector, and the rounds that the limit says", async () => {
    const [one, two] = [await encryptKey(new Uint8Array(48), PASSPHRASE), await encryptKey(new Uint8Array(48), PASSPHRASE)];
    expect(one).not.toEqual(two);
    expect(kdfOf(one).rounds.valueBlock.valueDec).toBe(KDF_ROUNDS);
    expect(kdfOf(one).salt.valueBlock.valueHexView).not.toEqual(kdfOf(two).salt.valueBlock.valueHexView);
  });

  test.each(["", "person: anna\n", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])("no key file: %j", async (text) => {
    await expect(readKeyFile(text)).rejects.toMatchObject({ code: "ERR_TRUST_KEY" });
  });

  test("nor a public key that is nobody's", async () => {
    const text = await writePublicFile(await generateSigner("anna"));
    await expect(readKeyFile(text.replace("person: anna\n", ""))).rejects.toMatchObject({
      code: "ERR_TRUST_KEY",
      message: expect.stringContaining("whose key"),
    });
  });

  test("neither is a key of another kind, nor a DER that ends early", async () => {
    const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, ["sign", "verify"]);
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)).toBase64();
    const pem = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`;
    await expect(signerInPem("anna", pem)).rejects.toMatchObject({ code: "ERR_TRUST_KEY" });
    const locked = await encryptKey(new Uint8Array(48), PASSPHRASE);
    for (const length of [0, 1, 20, locked.length - 1])
      await expect(decryptKey(locked.slice(0, length), PASSPHRASE)).rejects.toMatchObject({ code: "ERR_TRUST_KEY" });
  });
});

function kdfParametersOf(whole: Sequence): Sequence {
  const at = (value: unknown, index: number) => (value as Sequence).valueBlock.value[index];
  return at(at(at(at(whole, 0), 1), 0), 1) as Sequence;
}

function kdfOf(der: Uint8Array): { readonly salt: OctetString; readonly rounds: Integer } {
  const [salt, rounds] = kdfParametersOf(fromBER(der as Uint8Array<ArrayBuffer>).result as Sequence).valueBlock.value;
  return { salt: salt as OctetString, rounds: rounds as Integer };
}
