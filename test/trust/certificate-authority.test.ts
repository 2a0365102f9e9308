/** What stands in a certificate that the device authority issues, as the runtime's own reader and an ASN.1 library see it. */
import "reflect-metadata";
import { describe, expect, test } from "bun:test";
import { X509Certificate as RuntimeCertificate } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from "@peculiar/x509";
import {
  certifyDevice,
  createAuthority,
  issueClient,
  issueDevice,
  issueServer,
  loadAuthority,
} from "../../src/trust/sign/certificate-authority.ts";

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 5, 1);
const authority = await createAuthority("device authority", { nowMs });
const ID = "urn:dev:ops:32473-famousModel-7";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

function read(pem: string) {
  const certificate = new X509Certificate(pem);
  const runtime = new RuntimeCertificate(pem);
  return {
    runtime,
    days: [certificate.notBefore, certificate.notAfter].map((date) => (date.getTime() - nowMs) / DAY_MS),
    basic: certificate.getExtension(BasicConstraintsExtension),
    usage: certificate.getExtension(KeyUsagesExtension),
    usages: certificate.getExtension(ExtendedKeyUsageExtension)?.usages,
    names: runtime.subjectAltName,
    issuerKey: certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId,
  };
}

describe("the authority", () => {
  test("may sign certificates and lists, and nobody below it may", () => {
    const { basic, usage, days, runtime } = read(authority.certificatePem);
    expect([basic?.ca, basic?.pathLength, basic?.critical]).toEqual([true, 0, true]);
    expect([usage?.usages, usage?.critical]).toEqual([KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true]);
    expect(days).toEqual([-1, 3_650]);
    expect(runtime.subject).toBe("CN=device authority");
    expect(authority.certificate.getExtension(SubjectKeyIdentifierExtension)).not.toBeNull();
  });

  test("is the same after it was kept, and issues what it vouches for", async () => {
    const again = await loadAuthority(authority.certificatePem, authority.privateKeyPem);
    const { runtime } = read((await issueDevice(again, { id: ID, nowMs })).certificatePem);
    expect(runtime.verify(new RuntimeCertificate(authority.certificatePem).publicKey)).toBe(true);
    expect(runtime.issuer).toBe("CN=device authority");
    expect(again.privateKey.extractable).toBe(false);
    expect([again.certificatePem, again.privateKeyPem]).toEqual([authority.certificatePem, authority.privateKeyPem]);
  });

  test.each([
    ["a certificate that is none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", authority.privateKeyPem],
    ["a key that is none", authority.certificatePem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"],
    ["a key that is no base64", authority.certificatePem, "%"],
  ])("is not made of %s", async (_, certificatePem, privateKeyPem) => {
    await expect(loadAuthority(certificatePem, privateKeyPem)).rejects.toMatchObject({ code: "ERR_TRUST_CERTIFICATE" });
  });
});

describe("a certificate", () => {
  test("of a device is for dialling, names it by its URN, and lasts 397 days from a day ago", async () => {
    const { certificatePem, privateKeyPem } = await issueDevice(authority, { id: ID, nowMs });
    const { basic, usage, usages, names, days, runtime, issuerKey } = read(certificatePem);
    expect([basic?.ca, basic?.pathLength, basic?.critical]).toEqual([false, undefined, true]);
    expect([usage?.usages, usage?.critical]).toEqual([KeyUsageFlags.digitalSignature, true]);
    expect([usages, names, runtime.subject]).toEqual([[CLIENT_AUTH], `URI:${ID}`, "CN=32473-famousModel-7"]);
    expect(days).toEqual([-1, 397]);
    expect(issuerKey).toBe(authority.certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId ?? "none");
    expect(privateKeyPem.split("\n").every((line) => line.length <= 64)).toBe(true);
  });

  test("lasts as long as it is told to", async () => {
    expect(read((await issueDevice(authority, { id: ID, nowMs, validDays: 2 })).certificatePem).days).toEqual([-1, 2]);
    expect(read((await createAuthority("short", { nowMs, validDays: 3 })).certificatePem).days).toEqual([-1, 3]);
  });

  test("has a serial number of 16 bytes of its own, positive and not zero (RFC 5280 §4.1.2.2)", async () => {
    const serials = new Set<string>();
    for (let index = 0; index < 24; index += 1) {
      const { runtime } = read((await issueClient(authority, { name: "producer.example", nowMs })).certificatePem);
      expect(runtime.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
      serials.add(runtime.serialNumber);
    }
    expect(serials.size).toBe(24);
    // The first byte too is random, but for its two highest bits.
    expect(new Set([...serials].map((serial) => Number.parseInt(serial.slice(0, 2), 16) % 2)).size).toBe(2);
  });

  test("of a server is for being dialled, by host names and addresses", async () => {
    const names = ["gateway.isp.example", "127.0.0.1", "::1", "10.example", "edge-7"];
    const { usages, names: alternatives, runtime } = read((await issueServer(authority, { names, nowMs })).certificatePem);
    expect(alternatives).toBe("DNS:gateway.isp.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:10.example, DNS:edge-7");
    expect([usages, runtime.subject]).toEqual([[SERVER_AUTH], "CN=gateway.isp.example"]);
    const both = await issueServer(authority, { names, nowMs, isClientToo: true });
    expect(read(both.certificatePem).usages).toEqual([SERVER_AUTH, CLIENT_AUTH]);
  });

  test("of a client that is no device names it as a host", async () => {
    const { usages, names, runtime } = read((await issueClient(authority, { name: "producer.example", nowMs })).certificatePem);
    expect([usages, names, runtime.subject]).toEqual([[CLIENT_AUTH], "DNS:producer.example", "CN=producer.example"]);
  });

  test("for a key that the device made itself is over that key", async () => {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const der = await certifyDevice(authority, { id: ID, publicKey: keys.publicKey, nowMs });
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
    const certificate = new RuntimeCertificate(der);
    expect(new Uint8Array(certificate.publicKey.export({ type: "spki", format: "der" }))).toEqual(spki);
    expect(certificate.subjectAltName).toBe(`URI:${ID}`);
    expect(read(certificate.toString()).usages).toEqual([CLIENT_AUTH]);
  });

  test.each(["", "urn:dev:", "urn:dev:a b", "x urn:dev:a", "urn:dev:a\n", "URN:DEV:a", "https://device.example"])(
    "is not issued to a device that calls itself %j",
    (id) => {
      expect(() => issueDevice(authority, { id, nowMs })).toThrow(expect.objectContaining({ code: "ERR_TRUST_CERTIFICATE" }));
    },
  );
});
