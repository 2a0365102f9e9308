/** The depot as a device sees it over TLS: ranges, validators, records, shedding. hardening.test.ts has the attacks. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { connect } from "node:tls";
import { BlobStore } from "../../src/depot/blob-store.ts";
import type { Release } from "../../src/depot/release.ts";
import type { Depot } from "../../src/depot/server.ts";
import { authority, DEVICE_ID, deviceCertificate, IMAGE, NOW_MS, tlsOf, World } from "./world.ts";
import { issueDevice } from "../../src/trust/sign/certificate-authority.ts";

const world = new World();
let depot: Depot & { readonly url: string };
let dir: string;
let release: Release;
let blob: string;
let draw = 0;

beforeAll(async () => {
  ({ dir, release } = await world.published());
  depot = await world.depot(dir, () => draw);
  blob = `${depot.url}/blobs/sha256/${release.sha256}`;
});
beforeEach(() => {
  world.downloads.length = 0;
});
afterAll(() => world.close());

function ask(url: string, init: BunFetchRequestInit = {}, issued = deviceCertificate): Promise<Response> {
  const { caPem, certPem, keyPem } = tlsOf(issued);
  return fetch(url, { ...init, tls: { ca: caPem, cert: certPem, key: keyPem } });
}

/** The record follows the last byte by a turn of the event loop. */
async function records(count: number): Promise<World["downloads"]> {
  while (world.downloads.length < count) await new Promise((resolve) => setImmediate(resolve));
  return world.downloads;
}

test("metadata comes with its length; only numbered files may be cached", async () => {
  const timestamp = await ask(`${depot.url}/metadata/timestamp.json`);
  expect([timestamp.status, timestamp.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect((await timestamp.text()).length).toBe(Number(timestamp.headers.get("content-length")));
  const root = await ask(`${depot.url}/metadata/1.root.json`);
  expect(root.headers.get("cache-control")).toContain("immutable");
  expect((await ask(`${depot.url}/metadata/2.root.json`)).status).toBe(404);
});

test("a whole blob comes with length, digest as strong tag, and a complete record under the certificate's identity", async () => {
  const response = await ask(blob, { headers: { "x-device-id": "urn:dev:ops:32473-someone-else" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("etag")).toBe(`"${release.sha256}"`);
  expect(response.headers.get("content-length")).toBe(String(IMAGE.length));
  expect(
    createHash("sha256")
      .update(await response.bytes())
      .digest("hex"),
  ).toBe(release.sha256);
  expect(await records(1)).toEqual([
    { deviceId: DEVICE_ID, sha256: release.sha256, fromByte: 0, bytes: IMAGE.length, complete: true, atMs: expect.any(Number) },
  ]);
});

test("two devices that share this process get records under their own names", async () => {
  const other = await issueDevice(authority, { id: "urn:dev:ops:32473-famousModel-000002", nowMs: NOW_MS });
  await Promise.all([ask(blob).then((response) => response.bytes()), ask(blob, {}, other).then((response) => response.bytes())]);
  const ids = (await records(2)).map(({ deviceId }) => deviceId);
  expect(ids.sort()).toEqual([DEVICE_ID, "urn:dev:ops:32473-famousModel-000002"]);
});

test("a range to the end is a complete record, a range before it is not", async () => {
  const tail = await ask(blob, { headers: { range: "bytes=299990-" } });
  expect([tail.status, tail.headers.get("content-range")]).toEqual([206, "bytes 299990-299999/300000"]);
  expect(await tail.bytes()).toEqual(IMAGE.slice(299_990));
  const head = await ask(blob, { headers: { range: "bytes=0-9" } });
  expect([head.status, head.headers.get("content-length")]).toEqual([206, "10"]);
  expect(await head.bytes()).toEqual(IMAGE.slice(0, 10));
  expect((await records(2)).map(({ fromByte, bytes, complete }) => [fromByte, bytes, complete])).toEqual([
    [299_990, 10, true],
    [0, 10, false],
  ]);
});

test("a range beyond the end is 416 and says how long the blob is", async () => {
  const response = await ask(blob, { headers: { range: "bytes=300000-" } });
  expect([response.status, response.headers.get("content-range")]).toEqual([416, "bytes */300000"]);
});

test("If-Range with another tag gets the whole blob", async () => {
  const response = await ask(blob, { headers: { range: "bytes=5-", "if-range": '"other"' } });
  expect([response.status, (await response.bytes()).length]).toEqual([200, IMAGE.length]);
});

test("who has the bytes gets 304, HEAD gets headers only, and neither makes a record", async () => {
  expect((await ask(blob, { headers: { "if-none-match": `"${release.sha256}"` } })).status).toBe(304);
  const head = await ask(blob, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), (await head.bytes()).length]).toEqual([200, "300000", 0]);
  await ask(blob, { headers: { range: "bytes=0-0" } }).then((response) => response.bytes());
  expect((await records(1)).map(({ bytes }) => bytes)).toEqual([1]);
});

test("other methods are refused", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const response = await ask(blob, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  }
});

test("a device that goes away in the middle leaves an incomplete record", async () => {
  const large = new Uint8Array(32 * 1024 * 1024);
  const { sha256 } = await new BlobStore(dir).put(large);
  const { caPem: ca, certPem: cert, keyPem: key } = tlsOf(deviceCertificate);
  const socket = connect({ host: "127.0.0.1", port: depot.port, ca, cert, key }, () => {
    socket.write(`GET /blobs/sha256/${sha256} HTTP/1.1\r\nHost: depot\r\n\r\n`);
    socket.once("data", () => socket.destroy());
  });
  const [record] = await records(1);
  expect(record).toMatchObject({ deviceId: DEVICE_ID, sha256, fromByte: 0, complete: false });
  expect(record?.bytes).toBeLessThan(large.length);
});

test("shedding turns the ordered share away, each with its own time to come back, and spares metadata", async () => {
  depot.shed({ share: 0.5, retryAfterSeconds: 20 });
  const seen = [];
  for (draw of [0, 0.25, 0.49, 0.5, 0.99]) {
    const response = await ask(blob, { headers: { range: "bytes=0-0" } });
    await response.bytes();
    seen.push([response.status, response.headers.get("retry-after")]);
  }
  expect(seen).toEqual([
    [503, "10"],
    [503, "15"],
    [503, "20"],
    [206, null],
    [206, null],
  ]);
  draw = 0;
  expect((await ask(`${depot.url}/metadata/timestamp.json`)).status).toBe(200);
  depot.shed({ share: 0, retryAfterSeconds: 20 });
  expect((await ask(blob)).status).toBe(200);
});

test("stopping closes idle connections at once and the port with them", async () => {
  const other = await world.depot(dir);
  expect((await ask(`${other.url}/metadata/timestamp.json`)).status).toBe(200);
  await other.stop();
  expect(ask(`${other.url}/metadata/timestamp.json`)).rejects.toThrow();
});
