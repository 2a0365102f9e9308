/** Who is let in: by the certificate and by nothing else. Real TLS throughout, because that is where the trap was. */
import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import type { SecureVersion } from "node:tls";
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import { identityOf } from "../../src/channel/gateway/peer-identity.ts";
import { createAuthority, type Issued, issueDevice, issueServer } from "../../src/trust/sign/certificate-authority.ts";
import { type Dialled, dialNode } from "./dial-node.ts";
import { deviceId, TestManager } from "./manager.ts";

const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

let manager: TestManager;
let gateway: Gateway;

beforeAll(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

beforeEach(() => {
  manager.reports.length = 0;
});

afterAll(() => manager.stop());

async function refused(identity: Issued | undefined, reason: string, device?: string): Promise<void> {
  const { channels } = gateway.stats();
  const client = await manager.connect(identity);
  expect(await client.opened).toBe(false);
  await manager.until(() => manager.of("refused").length > 0);
  expect(manager.of("refused")).toEqual([{ kind: "refused", atMs: expect.any(Number), reason, ...(device && { deviceId: device }) }]);
  expect(manager.of("connected")).toEqual([]);
  expect(gateway.stats().channels).toBe(channels);
}

/** A certificate for this device that its own key signed, or that our authority signed with what is given. */
async function forge(uris: readonly string[], usages: readonly ExtendedKeyUsage[], isSelfSigned = false): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { certificate: authority, privateKey } = manager.authority;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: "0123456789",
    subject: "CN=forged",
    issuer: isSelfSigned ? "CN=forged" : authority.subjectName,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: isSelfSigned ? keys.privateKey : privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...(usages.length > 0 ? [new ExtendedKeyUsageExtension([...usages])] : []),
      ...(uris.length > 0 ? [new SubjectAlternativeNameExtension(uris.map((value) => ({ type: "url" as const, value })))] : []),
    ],
  });
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    certificatePem: certificate.toString("pem"),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
  };
}

test("a device with a good certificate is let in", async () => {
  const device = await manager.connect(await manager.issue(1));
  expect(await device.opened).toBe(true);
  await manager.until(() => manager.of("connected").length === 1);
  device.leave();
  await manager.until(() => manager.of("disconnected").length === 1);
  expect(manager.of("disconnected")).toMatchObject([{ ordinal: 1, reason: "device-gone" }]);
});

test("no certificate", () => refused(undefined, "ERR_CHANNEL_NO_CERTIFICATE"));

test("a self-signed certificate", async () => {
  const forged = await forge([deviceId(1)], [ExtendedKeyUsage.clientAuth], true);
  await refused(forged, "ERR_CHANNEL_CERTIFICATE_CHAIN", deviceId(1));
});

test("a certificate of another authority with the same name", async () => {
  const other = await createAuthority("test authority", { nowMs: Date.now() });
  const issued = await issueDevice(other, { id: deviceId(1), nowMs: Date.now() });
  await refused(issued, "ERR_CHANNEL_CERTIFICATE_CHAIN", deviceId(1));
});

test("an expired certificate", async () => {
  const issued = await issueDevice(manager.authority, { id: deviceId(1), nowMs: Date.now() - 2 * DAY_MS, validDays: 1 });
  await refused(issued, "ERR_CHANNEL_CERTIFICATE_TIME", deviceId(1));
});

test("a certificate that is not valid yet", async () => {
  const issued = await issueDevice(manager.authority, { id: deviceId(1), nowMs: Date.now() + 3 * DAY_MS });
  await refused(issued, "ERR_CHANNEL_CERTIFICATE_TIME", deviceId(1));
});

test("a certificate for servers only", async () => {
  await refused(await issueServer(manager.authority, { names: ["localhost"], nowMs: Date.now() }), "ERR_CHANNEL_CERTIFICATE_USAGE");
});

test("a certificate that says nothing of its use", async () => {
  await refused(await forge([deviceId(1)], []), "ERR_CHANNEL_CERTIFICATE_USAGE", deviceId(1));
});

test("a certificate without a urn:dev: identity", async () => {
  await refused(await forge(["urn:uuid:0e8b2b7e-0000-4000-8000-000000000000"], [ExtendedKeyUsage.clientAuth]), "ERR_CHANNEL_IDENTITY");
});

test("a certificate with two urn:dev: identities", async () => {
  const forged = await forge([deviceId(1), deviceId(2)], [ExtendedKeyUsage.clientAuth]);
  await refused(forged, "ERR_CHANNEL_IDENTITY", deviceId(1));
});

test("a device that the manager does not know", async () => {
  const id = "urn:dev:ops:32473-stranger";
  await refused(await issueDevice(manager.authority, { id, nowMs: Date.now() }), "ERR_CHANNEL_UNKNOWN_DEVICE", id);
});

test("our own look refuses an expired certificate even if TLS did not", async () => {
  const issued = await manager.issue(1);
  const [certificate, authority] = [issued.certificatePem, manager.authority.certificatePem].map((pem) => new X509Certificate(pem));
  if (certificate === undefined || authority === undefined) throw new Error("unreachable");
  expect(identityOf(certificate, [authority], Date.now())).toBe(deviceId(1));
  expect(() => identityOf(certificate, [authority], Date.now() + 400 * DAY_MS)).toThrow(
    expect.objectContaining({ code: "ERR_CHANNEL_CERTIFICATE_TIME" }),
  );
  expect(() => identityOf(certificate, [authority], Date.now() - 3 * DAY_MS)).toThrow(
    expect.objectContaining({ code: "ERR_CHANNEL_CERTIFICATE_TIME" }),
  );
  expect(() => identityOf(certificate, [], Date.now())).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_CERTIFICATE_CHAIN" }));
});

test("a resumed session is looked at again: a certificate that expired since does not come through", async () => {
  const identity = await manager.issue(4);
  const first = await dial(identity);
  expect(first.isReused).toBe(false);
  const { resumptions } = gateway.stats();
  const resumed = await dial(identity, first.session);
  expect([resumed.isReused, resumed.answer.slice(0, 12)]).toEqual([true, "HTTP/1.1 101"]);
  expect(gateway.stats().resumptions).toBe(resumptions + 1);
  manager.skewMs = 400 * DAY_MS;
  const late = await dial(identity, first.session);
  manager.skewMs = 0;
  expect(late.answer).toBe("");
  await manager.until(() => manager.of("refused").length === 1);
  expect(manager.of("refused")).toMatchObject([{ reason: "ERR_CHANNEL_CERTIFICATE_TIME", deviceId: deviceId(4) }]);
});

function dial(identity: Issued, session?: Buffer, maxVersion: SecureVersion = "TLSv1.3"): Promise<Dialled> {
  return dialNode(gateway.port, identity, { ca: manager.authority.certificatePem, maxVersion, ...(session && { session }) });
}

test("TLS 1.2 is not spoken", async () => {
  const { answer } = await dial(await manager.issue(5), undefined, "TLSv1.2");
  expect(answer).toBe("");
  expect(manager.of("connected")).toEqual([]);
});
