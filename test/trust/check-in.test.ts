/** A check-in signed with the key of the device's certificate: what is believed of it, and what is refused, as the device's agent makes it. */
import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { base64url } from "jose";
import { proofOf } from "../../src/agent/sign-check-in.ts";
import { statementOf } from "../../src/trust/check-in.ts";
import { CHECK_IN_STATEMENT_CHARACTERS_MAX } from "../../src/trust/limits.ts";
import { createAuthority, issueDevice, certifyDevice } from "../../src/trust/sign/certificate-authority.ts";
import { verifyCheckIn } from "../../src/trust/verify/check-in.ts";

const NOW = { nowMs: Date.UTC(2026, 2, 1) };
const TEXT = '{"software":{"version":"2.3.4"}, "boot":7}';
const authority = await createAuthority("devices", NOW);
const { certificatePem: certPem, privateKeyPem: keyPem } = await issueDevice(authority, { id: "urn:dev:ops:32473-cam-1", ...NOW });
const proof = proofOf(TEXT, { certPem, keyPem }) ?? "";
const statement = statementOf(TEXT, proof);
const [header = "", payload = "", signature = ""] = statement.split(".");

function withHeader(change: object): string {
  const document = JSON.parse(new TextDecoder().decode(base64url.decode(header))) as object;
  return `${base64url.encode(JSON.stringify({ ...document, ...change }))}.${payload}.${signature}`;
}

const refuse = (given: string, code: string) => expect(verifyCheckIn(given)).rejects.toMatchObject({ code });

test("says what the device said, and with which certificate", async () => {
  const verified = await verifyCheckIn(statement);
  expect(verified.checkIn).toEqual({ software: { version: "2.3.4" }, boot: 7 });
  expect(verified.certificatePem.replace(/\s/g, "")).toBe(certPem.replace(/\s/g, ""));
});

test("can be signed with Ed25519 too", async () => {
  const { publicKey, privateKey } = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const der = await certifyDevice(authority, { id: "urn:dev:ops:32473-cam-2", publicKey, ...NOW });
  const pem = (name: string, bytes: Uint8Array) => `-----BEGIN ${name}-----\n${bytes.toBase64()}\n-----END ${name}-----\n`;
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const ed25519 = proofOf(TEXT, { certPem: pem("CERTIFICATE", der), keyPem: pem("PRIVATE KEY", pkcs8) }) ?? "";
  expect((await verifyCheckIn(statementOf(TEXT, ed25519))).checkIn.boot).toBe(7);
});

test("is not made with a key that it could not name, nor without a certificate", () => {
  const keyPemOf = (key: { export: (options: { type: "pkcs8"; format: "pem" }) => string | Buffer }) =>
    key.export({ type: "pkcs8", format: "pem" }).toString();
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  for (const key of [rsa, p384]) expect(proofOf(TEXT, { certPem, keyPem: keyPemOf(key) })).toBeUndefined();
  expect(proofOf(TEXT, { certPem: "", keyPem: "" })).toBeUndefined();
});

describe("is refused", () => {
  test("when a gateway changed what was said", () => refuse(statementOf(TEXT.replace("2.3.4", "2.3.5"), proof), "ERR_TRUST_SIGNATURE"));
  test("when even a blank was changed", () => refuse(statementOf(TEXT.replace(", ", ","), proof), "ERR_TRUST_SIGNATURE"));
  test("when it shows a certificate of another key", async () => {
    const other = await issueDevice(authority, { id: "urn:dev:ops:32473-cam-1", ...NOW });
    const x5c = [other.certificatePem.replaceAll(/-----[^-]+-----|\s/g, "")];
    await refuse(withHeader({ x5c }), "ERR_TRUST_SIGNATURE");
  });
  test("when the certificate is none", () => refuse(withHeader({ x5c: ["AAAA"] }), "ERR_TRUST_SIGNATURE"));
  test("when there is no certificate, or a chain of them", async () => {
    for (const x5c of [[], ["AAAA", "AAAA"], "AAAA", null]) await refuse(withHeader({ x5c }), "ERR_TRUST_FORMAT");
  });
  test("when it wants to be believed without a signature, or with a shared secret", async () => {
    for (const alg of ["none", "HS256", "RS256", 1]) await refuse(withHeader({ alg }), "ERR_TRUST_ALGORITHM");
  });
  test("when it is a statement of another kind: a person's signature is not a device's", () =>
    refuse(withHeader({ typ: "permit" }), "ERR_TRUST_STATEMENT"));
  test("when it brings a key of its own", () => refuse(withHeader({ jwk: {} }), "ERR_TRUST_FORMAT"));
  test("when it has another form", async () => {
    for (const given of ["", "a", `${header}.${payload}`, `${statement}.AA`, `!.${payload}.${signature}`])
      await refuse(given, "ERR_TRUST_FORMAT");
  });
  test("when what it says is no object", async () => {
    for (const text of ["[1]", '"a"', "null", "1"])
      await refuse(statementOf(text, proofOf(text, { certPem, keyPem }) ?? ""), "ERR_TRUST_FORMAT");
  });
  test("when it is longer than any", async () => {
    expect(CHECK_IN_STATEMENT_CHARACTERS_MAX).toBe(16_384);
    await refuse("x".repeat(16_384), "ERR_TRUST_FORMAT");
    await refuse("x".repeat(16_385), "ERR_TRUST_TOO_LARGE");
  });
});
