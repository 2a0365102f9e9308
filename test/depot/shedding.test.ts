/** A depot over its limits: what it turns away, what it goes on with, what it counts, and that a storm of 503 ends (abuse case 8). */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { BlobStore } from "../../src/depot/blob-store.ts";
import { Figures } from "../../src/depot/figures.ts";
import { SENDS_MAX, SHED_RETRY_AFTER_SECONDS } from "../../src/depot/limits.ts";
import { Shedding } from "../../src/depot/shedding.ts";
import { issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { authority, collector, deviceCertificate, IMAGE, NOW_MS, tlsOf, World } from "./world.ts";

const world = new World();
afterEach(() => world.close());

const SHA256 = createHash("sha256").update(IMAGE).digest("hex");
const calm = { sending: 0, bytesPerSecond: 0 };
const { certPem: cert, keyPem: key, caPem: ca } = tlsOf(deviceCertificate);
const ask = (url: string) => fetch(url, { tls: { ca, cert, key } });

test("within its limits it turns nobody away", () => {
  const shedding = new Shedding(() => 0, { sendsMax: 10, bitsPerSecondMax: 8_000 });
  expect(shedding.retryAfterSeconds({ sending: 9, bytesPerSecond: 1_000 })).toBeUndefined();
});

test("over either limit it turns everybody away, each with a time of their own around the mean", () => {
  let draw = 0;
  const shedding = new Shedding(() => draw, { sendsMax: 10, bitsPerSecondMax: 8_000 });
  const said = [];
  for (draw of [0, 0.5, 1])
    said.push(shedding.retryAfterSeconds({ ...calm, sending: 10 }), shedding.retryAfterSeconds({ ...calm, bytesPerSecond: 1_001 }));
  expect(said.map((seconds) => (seconds ?? 0) / SHED_RETRY_AFTER_SECONDS)).toEqual([0.5, 0.5, 1, 1, 1.5, 1.5]);
});

test("without figures of its own a depot sends so many at once", () => {
  expect(new Shedding(() => 1).retryAfterSeconds({ ...calm, sending: SENDS_MAX })).toBeGreaterThan(0);
  expect(new Shedding(() => 1).retryAfterSeconds({ ...calm, sending: SENDS_MAX - 1 })).toBeUndefined();
});

test("bytes a second are those of the last stretch, and the peak is kept", () => {
  const figures = new Figures();
  figures.sent(3_000);
  figures.measure(2_000);
  expect(figures.current).toMatchObject({ bytesPerSecond: 1_500, bytesPerSecondPeak: 1_500 });
  figures.measure(1_000);
  expect(figures.current).toMatchObject({ bytesPerSecond: 0, bytesPerSecondPeak: 1_500 });
});

test("a depot that is full goes on with what it sends, tells the next one when to come back, and serves metadata all the same", async () => {
  const { dir } = await world.published();
  const { sha256 } = await new BlobStore(dir).put(new Uint8Array(32 * 1024 * 1024));
  const depot = await world.depot(dir, () => 0.5, { sendsMax: 1 });
  const slow = await begin(depot.port, sha256);
  const refused = await ask(`${depot.url}/blobs/sha256/${SHA256}`);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, String(SHED_RETRY_AFTER_SECONDS)]);
  expect((await ask(`${depot.url}/metadata/timestamp.json`)).status).toBe(200);
  expect(depot.figures()).toMatchObject({ requests: 2, shed: 1, sending: 1, sendingPeak: 1, served: 0 });
  slow.destroy();
  const isIdle = async () => {
    while (depot.figures().sending > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  await isIdle();
  expect((await (await ask(`${depot.url}/blobs/sha256/${SHA256}`)).bytes()).length).toBe(IMAGE.length);
  // The last byte is here a moment before the depot knows that it was sent.
  await isIdle();
  expect((await ask(`${depot.url}/blobs/sha256/${"a".repeat(64)}`)).status).toBe(404);
  await isIdle();
  expect(depot.figures()).toMatchObject({ requests: 4, shed: 1, cut: 1, served: 1, missing: 1 });
});

test("a herd at a depot that sends to two at once is served to the last device, without hammering it (503 storm)", async () => {
  const { dir } = await world.published();
  const depot = await world.depot(dir, Math.random, { sendsMax: 2 });
  const waits: number[] = [];
  // The waits are those of the field, lived through a hundred times as fast.
  const sleep = (ms: number) => {
    waits.push(ms);
    return new Promise<void>((resolve) => setTimeout(resolve, ms / 100));
  };
  const herd = Array.from({ length: 40 }, async (_, index) => {
    const issued = await issueDevice(authority, { id: `urn:dev:ops:32473-herd-${index}`, nowMs: NOW_MS });
    const tls = { ...tlsOf(issued), caPem: authority.certificatePem };
    const client = await world.client(dir, [depot.url], { tls, random: Math.random, sleep });
    const got = collector();
    let startAt = 0;
    while (startAt < IMAGE.length) {
      await client.fetchBlob({ sha256: SHA256, size: IMAGE.length, startAt, onChunk: got.onChunk }).catch(() => undefined);
      startAt = got.bytes().length;
    }
    return got.bytes();
  });
  for (const bytes of await Promise.all(herd)) expect(bytes).toEqual(IMAGE);
  while (depot.figures().sending > 0) await new Promise((resolve) => setImmediate(resolve));
  const { shed, served, requests, sendingPeak } = depot.figures();
  expect([served, requests, sendingPeak]).toEqual([40, 40 + shed, 2]);
  expect(waits.length).toBeLessThanOrEqual(shed);
  // Nobody comes back before the earliest time that was told.
  if (shed > 0) expect(Math.min(...waits)).toBeGreaterThan(SHED_RETRY_AFTER_SECONDS * 500 - 100);
}, 30_000);

/** Asks for a blob and reads no more than the first bytes of it. */
function begin(port: number, sha256: string): Promise<TLSSocket> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca, cert, key }, () => {
      socket.write(`GET /blobs/sha256/${sha256} HTTP/1.1\r\nHost: depot\r\n\r\n`);
    });
    socket.once("data", () => {
      socket.pause();
      resolve(socket);
    });
  });
}
