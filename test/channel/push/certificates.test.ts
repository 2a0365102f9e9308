/** Whose request reaches the consumer, by the certificate alone: with TLS 1.2 and 1.3, fresh and resumed. Real TLS throughout. */
import "reflect-metadata";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureVersion } from "node:tls";
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { createAuthority, type Issued, issueClient, issueServer } from "../../../src/trust/sign/certificate-authority.ts";
import { parseReply, post, PRODUCER, request, World } from "./world.ts";

const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const ASK = post(request({ action: "query", target: { features: [] } }));
const folder = mkdtempSync(join(tmpdir(), "edict-push-"));
let world: World;

beforeAll(async () => {
  world = await World.start();
});
beforeEach(() => {
  world.deliveries.length = world.log.length = 0;
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

interface Forged {
  readonly names: readonly (readonly ["dns" | "url" | "email", string])[];
  readonly usages?: readonly ExtendedKeyUsage[];
  readonly isSelfSigned?: boolean;
}

async function forge({ names, usages = [ExtendedKeyUsage.clientAuth], isSelfSigned = false }: Forged): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { certificate: authority, privateKey } = world.authority;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: "0123456789",
    subject: `CN=${PRODUCER}`,
    issuer: isSelfSigned ? `CN=${PRODUCER}` : authority.subjectName,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    publicKey: keys.publicKey,
    signingKey: isSelfSigned ? keys.privateKey : privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      ...(usages.length > 0 ? [new ExtendedKeyUsageExtension([...usages])] : []),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(([type, value]) => ({ type, value })))] : []),
    ],
  });
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const privateKeyPem = `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
  return { certificatePem: certificate.toString("pem"), privateKeyPem };
}

const ours = ["dns", PRODUCER] as const;
const BAD: readonly (readonly [string, string, () => Promise<Issued | undefined>])[] = [
  ["no certificate", "ERR_CHANNEL_NO_CERTIFICATE", async () => undefined],
  ["a self-signed certificate", "ERR_CHANNEL_CERTIFICATE_CHAIN", () => forge({ names: [ours], isSelfSigned: true })],
  [
    "a certificate of another authority with the same name",
    "ERR_CHANNEL_CERTIFICATE_CHAIN",
    async () => issueClient(await createAuthority("test authority", { nowMs: Date.now() }), { name: PRODUCER, nowMs: Date.now() }),
  ],
  [
    "an expired certificate",
    "ERR_CHANNEL_CERTIFICATE_TIME",
    () => issueClient(world.authority, { name: PRODUCER, nowMs: Date.now() - 2 * DAY_MS, validDays: 1 }),
  ],
  [
    "a certificate that is not valid yet",
    "ERR_CHANNEL_CERTIFICATE_TIME",
    () => issueClient(world.authority, { name: PRODUCER, nowMs: Date.now() + 3 * DAY_MS }),
  ],
  [
    "a certificate for servers only",
    "ERR_CHANNEL_CERTIFICATE_USAGE",
    () => issueServer(world.authority, { names: [PRODUCER], nowMs: Date.now() }),
  ],
  ["a certificate that says nothing of its use", "ERR_CHANNEL_CERTIFICATE_USAGE", () => forge({ names: [ours], usages: [] })],
  ["a certificate with the name in its subject only", "ERR_CHANNEL_IDENTITY", () => forge({ names: [] })],
  ["a certificate with two names", "ERR_CHANNEL_IDENTITY", () => forge({ names: [ours, ["dns", "other.example"]] })],
  ["a certificate with a mail address as its name", "ERR_CHANNEL_IDENTITY", () => forge({ names: [["email", PRODUCER]] })],
  ["a certificate with a wildcard", "ERR_CHANNEL_IDENTITY", () => forge({ names: [["dns", "*.isp.example"]] })],
  ["a certificate whose one name prints like two", "ERR_CHANNEL_IDENTITY", () => forge({ names: [["url", `x:y, DNS:${PRODUCER}`]] })],
];

describe.each(["TLSv1.2", "TLSv1.3"] satisfies SecureVersion[])("%s", (version) => {
  const options = { minVersion: version, maxVersion: version } as const;

  test("a good certificate is answered", async () => {
    const { text, protocol } = await world.sendAs(await world.producer(), ASK, 1, options);
    expect([parseReply(text).status, protocol]).toEqual([200, version]);
    expect(world.deliveries).toMatchObject([{ peer: PRODUCER }]);
  });

  test.each(BAD)("%s never reaches the consumer", async (_what, reason, identity) => {
    const { text } = await world.sendAs(await identity(), ASK, 1, options);
    expect([text, world.deliveries]).toEqual(["", []]);
    while (world.log.length === 0) await Bun.sleep(1);
    expect(world.log).toMatchObject([{ reason }]);
  });

  test("a resumed session is looked at again: a certificate that expired since does not come through", async () => {
    const identity = await world.producer();
    const { session } = await world.sendAs(identity, ASK, 1, options);
    const resumed = await world.sendAs(identity, ASK, 1, { ...options, session: session as Buffer });
    expect([resumed.isResumed, parseReply(resumed.text).status]).toEqual([true, 200]);
    world.deliveries.length = world.log.length = 0;
    world.skewMs = 400 * DAY_MS;
    const late = await world.sendAs(identity, ASK, 1, { ...options, session: session as Buffer });
    while (world.log.length === 0) await Bun.sleep(1);
    world.skewMs = 0;
    expect([late.text, world.deliveries]).toEqual(["", []]);
    expect(world.log).toMatchObject([{ reason: "ERR_CHANNEL_CERTIFICATE_TIME" }]);
  });

  test("a session of another server cannot be resumed here", async () => {
    const other = await World.start();
    const { session } = await other.sendAs(await other.producer(), ASK, 1, options);
    await other.stop();
    const { text } = await world.sendAs(await other.producer(), ASK, 1, { ...options, session: session as Buffer });
    expect([text, world.deliveries]).toEqual(["", []]);
  });
});

test("what is older than TLS 1.2, or has no forward secrecy, is not spoken (HTTPS v1.1 §3.2.3)", async () => {
  const identity = await world.producer();
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1" } as const;
  expect((await world.sendAs(identity, ASK, 1, old)).text).toBe("");
  for (const ciphers of ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"]) {
    expect((await world.sendAs(identity, ASK, 1, { maxVersion: "TLSv1.2", ciphers })).text).toBe("");
  }
  expect(world.deliveries).toEqual([]);
});

const hasOpenssl = Bun.which("openssl") !== null;

test.skipIf(!hasOpenssl)("no ticket allows early data: no request can be replayed as 0-RTT (openssl)", async () => {
  const { certificatePem, privateKeyPem } = await world.producer();
  const at = (name: string, text: string) => (writeFileSync(join(folder, name), text), join(folder, name));
  const sessionFile = join(folder, "session.pem");
  const keys = [
    "-cert",
    at("p.pem", certificatePem),
    "-key",
    at("p.key", privateKeyPem),
    "-CAfile",
    at("ca.pem", world.authority.certificatePem),
  ];
  const client = Bun.spawn(
    ["openssl", "s_client", "-connect", `127.0.0.1:${world.consumer.port}`, "-tls1_3", ...keys, "-sess_out", sessionFile, "-ign_eof"],
    {
      stdin: new Blob([post(request({ action: "query", target: { features: [] } }), { Connection: "close" })]),
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  const said = await new Response(client.stdout).text();
  expect(said).toContain("HTTP/1.1 200 OK");
  expect(said).toContain("Max Early Data: 0");
});
