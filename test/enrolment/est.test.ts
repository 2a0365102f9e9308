/** A device's way from its factory's certificate to one of the fleet, and from that to the next. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { type ClientIdentity, csr, EnrolmentWorld, factoryIdentity, makeKeys, privatePem } from "./world.ts";

const DAY_MS = 86_400_000;
let world: EnrolmentWorld;
beforeAll(async () => {
  world = await EnrolmentWorld.start();
});
afterAll(() => world.stop());

async function enrolled(serial: string): Promise<{ id: string; factory: ClientIdentity; identity: ClientIdentity; keys: CryptoKeyPair }> {
  const id = `urn:dev:ops:32473-${serial}`;
  await world.know(id, serial);
  const factory = await factoryIdentity(world.factory, serial);
  const keys = await makeKeys();
  const { certificates } = await world.post("simpleenroll", await csr(keys), factory);
  return { id, factory, keys, identity: { certificatePem: certificates[0] ?? "", keyPem: await privatePem(keys) } };
}

test("cacerts gives the device authority to anybody, csrattrs says which key is wanted", async () => {
  const { status, type, certificates } = await world.send("GET", "cacerts");
  expect([status, type, certificates.length]).toEqual([200, "application/pkcs7-mime; smime-type=certs-only", 1]);
  expect(new X509Certificate(certificates[0] ?? "").subject).toBe("CN=isp.example devices");
  const attributes = await world.send("GET", "csrattrs");
  expect([attributes.status, attributes.type]).toEqual([200, "application/csrattrs"]);
});

test("a factory certificate becomes an operational one, whose name comes from the record", async () => {
  const { id, identity } = await enrolled("A1");
  const certificate = new X509Certificate(identity.certificatePem);
  expect(certificate.subjectAltName).toBe(`URI:${id}`);
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(await world.ledger()).toContain(`"act":"device.enrolled","detail":{"device":"${id}"`);
});

test("the same request again gets the same certificate, because answers get lost", async () => {
  await world.know("urn:dev:ops:32473-A2", "A2");
  const factory = await factoryIdentity(world.factory, "A2");
  const request = await csr(await makeKeys());
  const first = await world.post("simpleenroll", request, factory);
  const second = await world.post("simpleenroll", request, factory);
  expect(first.status).toBe(200);
  expect(second.certificates).toEqual(first.certificates);
});

test("an operational certificate is renewed with a new key, and the old one can fetch the answer once more", async () => {
  const { id, identity } = await enrolled("A3");
  const request = await csr(await makeKeys(), [id]);
  const renewed = await world.post("simplereenroll", request, identity);
  expect(renewed.status).toBe(200);
  expect(new X509Certificate(renewed.certificates[0] ?? "").subjectAltName).toBe(`URI:${id}`);
  expect((await world.post("simplereenroll", request, identity)).certificates).toEqual(renewed.certificates);
});

test("a device that slept past its certificate's end waits for a person, and gets one when it is admitted", async () => {
  const { id, identity } = await enrolled("A4");
  world.skewMs = 400 * DAY_MS;
  try {
    const request = await csr(await makeKeys());
    const waiting = await world.post("simplereenroll", request, identity);
    expect([waiting.status, waiting.retryAfter, waiting.certificates.length]).toEqual([202, "300", 0]);
    const { requests } = await world.client("approver").enrolmentRequests();
    expect(requests).toMatchObject([{ id, reason: "expired" }]);
    await world.client("approver").answerEnrolment(requests[0]?.request ?? "", "admitted");
    expect((await world.post("simplereenroll", request, identity)).status).toBe(200);
    expect((await world.client("approver").enrolmentRequests()).requests).toEqual([]);
    expect(await world.ledger()).toContain('"actor":"approver","act":"enrolment.admitted"');
  } finally {
    world.skewMs = 0;
  }
});

test("a device that comes with its factory certificate a second time waits too, and a person may refuse it", async () => {
  const { factory } = await enrolled("A5");
  const request = await csr(await makeKeys());
  expect((await world.post("simpleenroll", request, factory)).status).toBe(202);
  const [waiting] = (await world.client("author").enrolmentRequests()).requests;
  expect(waiting?.reason).toBe("enrolled-before");
  await world.client("author").answerEnrolment(waiting?.request ?? "", "refused");
  const refused = await world.post("simpleenroll", request, factory);
  expect([refused.status, refused.text.split(":")[0]]).toEqual([403, "ERR_ENROLMENT_REFUSED"]);
});

test("while the manager is away, the device is told to come back", async () => {
  const alone = await EnrolmentWorld.start();
  await alone.know("urn:dev:ops:32473-A6", "A6");
  const factory = await factoryIdentity(alone.factory, "A6");
  await alone.stopManager();
  const reply = await alone.post("simpleenroll", await csr(await makeKeys()), factory);
  expect([reply.status, reply.retryAfter, reply.text.split(":")[0]]).toEqual([503, "60", "ERR_ENROLMENT_MANAGER"]);
  await alone.stop();
});
