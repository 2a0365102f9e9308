/** Attacks on enrolment, each by its name: what the attacker has, and what it gets. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { HANDSHAKE_MAX_MS, REQUEST_BYTES_MAX, REQUESTS_PER_MINUTE_MAX, WAITING_PER_DEVICE_MAX } from "../../src/enrolment/limits.ts";
import { createAuthority, issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { silent } from "../silent.ts";
import { type ClientIdentity, csr, EnrolmentWorld, type EstReply, factoryIdentity, makeKeys, privatePem } from "./world.ts";

const DAY_MS = 86_400_000;
let world: EnrolmentWorld;
beforeAll(async () => {
  world = await EnrolmentWorld.start();
});
afterAll(async () => {
  const { connected, closed } = silent(world.issuing.port);
  await connected;
  // A connection that never begins its handshake must not keep the process from stopping.
  await world.stop();
  await closed;
});

const id = (serial: string) => `urn:dev:ops:32473-${serial}`;

async function genuine(serial: string): Promise<ClientIdentity> {
  await world.know(id(serial), serial);
  return factoryIdentity(world.factory, serial);
}

async function enrol(factory: ClientIdentity): Promise<ClientIdentity> {
  const keys = await makeKeys();
  const { certificates } = await world.post("simpleenroll", await csr(keys), factory);
  return { certificatePem: certificates[0] ?? "", keyPem: await privatePem(keys) };
}

function outcome({ status, text, certificates }: EstReply) {
  return [status, text.split(":")[0], certificates.length];
}

test("a request for somebody else's identity is refused, and recorded for nobody", async () => {
  await world.know(id("victim"), "victim");
  const reply = await world.post("simpleenroll", await csr(await makeKeys(), [id("victim")]), await genuine("B1"));
  expect(outcome(reply)).toEqual([403, "ERR_ENROLMENT_IDENTITY", 0]);
  const own = await world.post("simpleenroll", await csr(await makeKeys(), [id("B1"), id("victim")]), await genuine("B1"));
  expect(outcome(own)).toEqual([403, "ERR_ENROLMENT_IDENTITY", 0]);
  expect(await world.ledger()).not.toContain(`"device":"${id("B1")}"`);
});

test("a renewal for somebody else's identity is refused", async () => {
  const identity = await enrol(await genuine("B2"));
  const reply = await world.post("simplereenroll", await csr(await makeKeys(), [id("victim")]), identity);
  expect(outcome(reply)).toEqual([403, "ERR_ENROLMENT_IDENTITY", 0]);
});

test("another device's request, replayed, does not bind its key to the attacker", async () => {
  const request = await csr(await makeKeys());
  expect((await world.post("simpleenroll", request, await genuine("B3"))).status).toBe(200);
  expect(outcome(await world.post("simpleenroll", request, await genuine("B4")))).toEqual([400, "ERR_ENROLMENT_KEY", 0]);
});

test("a request with somebody else's public key in it fails, since its sender cannot sign with it", async () => {
  const own = await makeKeys();
  const theirs = await makeKeys();
  const reply = await world.post(
    "simpleenroll",
    await csr({ publicKey: theirs.publicKey, privateKey: own.privateKey }),
    await genuine("B5"),
  );
  expect(outcome(reply)).toEqual([400, "ERR_ENROLMENT_POSSESSION", 0]);
});

test("another vendor's factory can make no identity of this vendor's, not even with the same serial number", async () => {
  await world.know(id("B6"), "B6");
  const forged = await factoryIdentity(world.otherFactory, "B6");
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys()), forged))).toEqual([403, "ERR_ENROLMENT_UNKNOWN", 0]);
});

test("a factory that nobody pinned is refused", async () => {
  const unknown = await createAuthority("famousMaker factory", { nowMs: Date.now() });
  const reply = await world.post("simpleenroll", await csr(await makeKeys()), await factoryIdentity(unknown, "B6"));
  expect(outcome(reply)).toEqual([403, "ERR_ENROLMENT_PEER", 0]);
});

test("an expired factory certificate is refused", async () => {
  await world.know(id("B7"), "B7");
  const expired = await factoryIdentity(world.factory, "B7", { untilMs: Date.now() - DAY_MS });
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys()), expired))).toEqual([403, "ERR_ENROLMENT_PEER", 0]);
});

test("a denied device gets nothing, neither with its factory certificate nor with its own", async () => {
  const factory = await genuine("B8");
  const identity = await enrol(factory);
  await world.deny(id("B8"));
  expect(outcome(await world.post("simplereenroll", await csr(await makeKeys()), identity))).toEqual([403, "ERR_ENROLMENT_DENIED", 0]);
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys()), factory))).toEqual([403, "ERR_ENROLMENT_DENIED", 0]);
});

test("a clone with a copied factory certificate waits for a person, whoever of the two came first", async () => {
  const factory = await genuine("B9");
  await enrol(factory);
  const clone = await world.post("simpleenroll", await csr(await makeKeys()), factory);
  expect([clone.status, clone.certificates]).toEqual([202, []]);
});

test("a clone with a copied certificate of ours waits as soon as the genuine device has renewed", async () => {
  const identity = await enrol(await genuine("C1"));
  expect((await world.post("simplereenroll", await csr(await makeKeys()), identity)).status).toBe(200);
  expect((await world.post("simplereenroll", await csr(await makeKeys()), identity)).status).toBe(202);
  const { requests } = await world.client("author").enrolmentRequests();
  expect(requests.find((waiting) => waiting.id === id("C1"))?.reason).toBe("superseded");
});

test("two copies that ask at the same moment get one certificate between them", async () => {
  const factory = await genuine("C2");
  const requests = await Promise.all([csr(await makeKeys()), csr(await makeKeys())]);
  const replies = await Promise.all(requests.map((request) => world.post("simpleenroll", request, factory)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 202]);
});

test("a clone cannot fill the list of those who wait", async () => {
  const factory = await genuine("C3");
  await enrol(factory);
  const again = () => factory;
  for (let count = 0; count < REQUESTS_PER_MINUTE_MAX - 1; count += 1)
    await world.post("simpleenroll", await csr(await makeKeys()), again());
  const { requests } = await world.client("author").enrolmentRequests();
  expect(requests.filter((waiting) => waiting.id === id("C3"))).toHaveLength(WAITING_PER_DEVICE_MAX);
});

test("a flood from one certificate is slowed down and costs the others nothing", async () => {
  const flooder = await genuine("C4");
  const request = await csr(await makeKeys());
  const replies = await Promise.all(
    Array.from({ length: 3 * REQUESTS_PER_MINUTE_MAX }, () => world.post("simpleenroll", request, flooder)),
  );
  const served = replies.filter(({ status }) => status === 200);
  expect(served.length).toBeLessThanOrEqual(REQUESTS_PER_MINUTE_MAX + 1);
  const slowed = replies.find(({ status }) => status === 503);
  expect([slowed?.text.split(":")[0], slowed?.retryAfter]).toEqual(["ERR_ENROLMENT_PACE", "60"]);
  expect((await world.post("simpleenroll", await csr(await makeKeys()), await genuine("C5"))).status).toBe(200);
});

test("an oversized request is not read to its end", async () => {
  const reply = await world.post("simpleenroll", "A".repeat(REQUEST_BYTES_MAX + 1), await genuine("C6"));
  expect([reply.status, reply.certificates]).toEqual([413, []]);
});

test("weak and unusual keys are not certified", async () => {
  const factory = await genuine("C7");
  const rsa = (modulusLength: number) => ({
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength,
  });
  for (const algorithm of [rsa(1_024), rsa(2_048), { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" }]) {
    const reply = await world.post("simpleenroll", await csr(await makeKeys(algorithm), [], algorithm), factory);
    expect(outcome(reply)).toEqual([400, "ERR_ENROLMENT_KEY", 0]);
  }
  const sha1 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-1" };
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys(), [], sha1), factory))).toEqual([400, "ERR_ENROLMENT_KEY", 0]);
  const p384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
  expect((await world.post("simpleenroll", await csr(await makeKeys(p384), [], p384), factory)).status).toBe(200);
});

test("rubbish is told so, and the server lives on", async () => {
  const factory = await genuine("C8");
  for (const body of ["", "not base64!", "AAAA", btoa("\x30\x03\x02\x01\x00")])
    expect(outcome(await world.post("simpleenroll", body, factory))).toEqual([400, "ERR_ENROLMENT_REQUEST", 0]);
  expect((await world.post("simpleenroll", "AAAA", factory, "text/plain")).status).toBe(415);
});

test("nobody without a certificate, and nobody of another authority with the same names, gets one", async () => {
  await genuine("C9");
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys())))).toEqual([403, "ERR_ENROLMENT_PEER", 0]);
  const otherTenant = await issueDevice(await createAuthority("isp.example devices", { nowMs: Date.now() }), {
    id: id("C9"),
    nowMs: Date.now(),
  });
  const identity = { certificatePem: otherTenant.certificatePem, keyPem: otherTenant.privateKeyPem };
  const reply = await world.post("simplereenroll", await csr(await makeKeys()), identity);
  expect([reply.certificates, reply.text.split(":")[0]]).toEqual([[], "ERR_CHANNEL_CERTIFICATE_CHAIN"]);
});

test("an operational certificate enrols nobody, and a factory certificate renews nothing", async () => {
  const factory = await genuine("D1");
  const identity = await enrol(factory);
  expect(outcome(await world.post("simpleenroll", await csr(await makeKeys()), identity))).toEqual([403, "ERR_ENROLMENT_PEER", 0]);
  expect((await world.post("simplereenroll", await csr(await makeKeys()), factory)).text).toStartWith("ERR_CHANNEL_CERTIFICATE_CHAIN");
});

test("slowloris: a connection that never begins its handshake is closed when its time is over", async () => {
  const { closed } = silent(world.issuing.port);
  expect(await Promise.race([closed, Bun.sleep(HANDSHAKE_MAX_MS * 4)])).toBe("closed");
}, 60_000);

test("EST over plain HTTP is refused: the port speaks TLS only", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(world.issuing.port, "127.0.0.1", () => socket.write("GET /.well-known/est/cacerts HTTP/1.1\r\nHost: x\r\n\r\n"));
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.on("error", () => resolve(text));
  socket.on("close", () => resolve(text));
  expect(await promise).not.toContain("HTTP/1.1");
});

test("a stolen token of the issuing process opens nothing that people do, and a person's token certifies nothing", async () => {
  const issuer = world.client("issuer");
  expect(await issuer.status().catch((error: { code: string }) => error.code)).toBe("ERR_SERVER_FORBIDDEN");
  expect(await issuer.answerEnrolment("0".repeat(16), "admitted").catch((error: { code: string }) => error.code)).toBe(
    "ERR_SERVER_FORBIDDEN",
  );
  const claim = { peer: { kind: "factory", vendor: "famousMaker", serial: "victim" }, keySha256: "0".repeat(64) } as const;
  expect(
    await world
      .client("author")
      .claim(claim)
      .catch((error: { code: string }) => error.code),
  ).toBe("ERR_SERVER_FORBIDDEN");
});

test("an id stays with the factory identity that it was bound to, and a vendor's serial number with its id", async () => {
  await genuine("D2");
  const code = (error: { code: string }) => error.code;
  expect(
    await world
      .client("author")
      .expectDevices([{ id: id("D2"), vendor: "famousMaker", serial: "D3" }])
      .catch(code),
  ).toBe("ERR_ENROLMENT_EXPECTED");
  await world.know(id("D4"));
  expect(
    await world
      .client("author")
      .expectDevices([{ id: id("D4"), vendor: "famousMaker", serial: "D2" }])
      .catch(code),
  ).toBe("ERR_ENROLMENT_EXPECTED");
  expect(
    await world
      .client("author")
      .expectDevices([{ id: id("D4"), vendor: "otherMaker", serial: "D4" }])
      .catch(code),
  ).toBe("ERR_ENROLMENT_NOT_FOUND");
});
