/** Fetching bytes from depots that behave and from mirrors that do not (abuse cases 8, 10, 12). */
import { afterEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createAuthority, issueDevice } from "../../../src/trust/sign/certificate-authority.ts";
import { ATTEMPTS_MAX, BACKOFF_CAP_MS, RETRY_AFTER_JITTER, RETRY_AFTER_MAX_MS } from "../../../src/depot/limits.ts";
import { codeOf, collector, DEVICE_ID, IMAGE, NOW_MS, tlsOf, World } from "../world.ts";

const world = new World();
afterEach(() => world.close());

const SHA256 = createHash("sha256").update(IMAGE).digest("hex");
const ANSWER = { sha256: SHA256, size: IMAGE.length, startAt: 0 };

/** Where the request wants to begin. */
const startOf = (head: string): number => Number(/range: bytes=(\d+)-/i.exec(head)?.[1] ?? 0);

/** An answer's head, as an honest mirror would send it for the rest of the image. */
function honestHead(from: number): string {
  const length = `Content-Length: ${IMAGE.length - from}\r\n`;
  if (from === 0) return `HTTP/1.1 200 OK\r\n${length}\r\n`;
  return `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${from}-${IMAGE.length - 1}/${IMAGE.length}\r\n${length}\r\n`;
}

function sendAndCut(socket: TLSSocket, from: number, bytes: number): void {
  socket.write(honestHead(from));
  socket.end(IMAGE.slice(from, from + bytes));
}

test("a blob arrives whole, in order, and is recorded as this device's", async () => {
  const { dir } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  const got = collector();
  await client.fetchBlob({ ...ANSWER, onChunk: got.onChunk });
  expect(got.bytes()).toEqual(IMAGE);
  while (world.downloads.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(world.downloads.splice(0)).toMatchObject([{ deviceId: DEVICE_ID, complete: true, bytes: IMAGE.length }]);
});

test("a transfer goes on from the bytes that the device has", async () => {
  const { dir } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  const got = collector();
  await client.fetchBlob({ ...ANSWER, startAt: 123_457, onChunk: got.onChunk });
  expect(got.bytes()).toEqual(IMAGE.slice(123_457));
  await client.fetchBlob({ ...ANSWER, startAt: IMAGE.length, onChunk: () => Promise.reject(new Error("nothing was due")) });
});

test("a connection cut in the middle is resumed by range, at the same mirror or at another", async () => {
  const { dir } = await world.published();
  const honest = (await world.depot(dir)).url;
  let cutAt = 0;
  let victim: TLSSocket | undefined;
  const cutting = await world.fakeMirror((head, socket) => {
    const from = startOf(head);
    socket.write(honestHead(from));
    socket.write(IMAGE.slice(from, from + 70_000));
    cutAt = from + 70_000;
    victim = socket;
  });
  for (const depots of [[cutting], [cutting, honest]]) {
    const got = collector();
    const onChunk = async (bytes: Uint8Array): Promise<void> => {
      await got.onChunk(bytes);
      // Cut when the bytes are here: what the runtime has buffered but not handed out is lost with the connection.
      if (got.bytes().length === cutAt) victim?.destroy();
    };
    await (await world.client(dir, depots)).fetchBlob({ ...ANSWER, onChunk });
    expect(got.bytes()).toEqual(IMAGE);
    expect(cutAt).toBe(depots.length === 1 ? 350_000 : 70_000);
  }
});

test("a mirror that cuts again and again without progress is given up, and the error says where and why", async () => {
  let requests = 0;
  const cutting = await world.fakeMirror((head, socket) => {
    requests += 1;
    sendAndCut(socket, startOf(head), 10);
  });
  const { dir } = await world.published();
  const failing = (await world.client(dir, [cutting])).fetchBlob({ ...ANSWER, onChunk: collector().onChunk });
  expect(await codeOf(failing)).toBe("ERR_DEPOT_CUT");
  expect(failing).rejects.toThrow(cutting);
  expect(requests).toBe(ATTEMPTS_MAX);
});

test.each([
  ["promises more bytes than the blob has", "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", "ERR_DEPOT_TOO_LONG"],
  ["redirects elsewhere", "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n", "ERR_DEPOT_RESPONSE"],
  ["packs what was not to be packed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde", "ERR_DEPOT_RESPONSE"],
  ["does not have it", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "ERR_DEPOT_BLOB_NOT_FOUND"],
  ["sends another part", "HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nabcde", "ERR_DEPOT_RESPONSE"],
  ["fails", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "ERR_DEPOT_UNREACHABLE"],
  ["does not speak HTTP", "220 mail.example ESMTP\r\n", "ERR_DEPOT_UNREACHABLE"],
])("a mirror that %s is named and no byte of it is taken", async (_, answer, code) => {
  const mirror = await world.fakeMirror((_head, socket) => socket.end(answer));
  const { dir } = await world.published();
  const got = collector();
  const failing = (await world.client(dir, [mirror])).fetchBlob({ ...ANSWER, onChunk: got.onChunk });
  expect(await codeOf(failing)).toBe(code);
  expect(failing).rejects.toThrow(mirror);
  expect(got.bytes().length).toBe(0);
});

test("a mirror that ignores the range is not believed", async () => {
  const mirror = await world.fakeMirror((_head, socket) => sendAndCut(socket, 0, IMAGE.length));
  const { dir } = await world.published();
  const failing = (await world.client(dir, [mirror])).fetchBlob({ ...ANSWER, startAt: 5, onChunk: collector().onChunk });
  expect(await codeOf(failing)).toBe("ERR_DEPOT_RESPONSE");
});

test("bytes without end are cut off at the promised length", async () => {
  const endless = await world.fakeMirror((_head, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const pour = (): void => {
      while (!socket.destroyed && socket.write(`2000\r\n${" ".repeat(0x2000)}\r\n`));
      socket.once("drain", pour);
    };
    pour();
  });
  const { dir } = await world.published();
  const got = collector();
  const failing = (await world.client(dir, [endless])).fetchBlob({ ...ANSWER, onChunk: got.onChunk });
  expect(await codeOf(failing)).toBe("ERR_DEPOT_TOO_LONG");
  expect(got.bytes().length).toBeLessThanOrEqual(IMAGE.length);
});

test("a mirror that trickles or is silent is left for another (slow retrieval)", async () => {
  const { dir } = await world.published();
  const honest = (await world.depot(dir)).url;
  const trickling = await world.fakeMirror((head, socket) => {
    const from = startOf(head);
    socket.write(honestHead(from));
    let sent = from;
    const drip = setInterval(() => socket.write(IMAGE.slice(sent, (sent += 1))), 10);
    socket.on("close", () => clearInterval(drip));
  });
  const silent = await world.fakeMirror(() => undefined);
  for (const slow of [trickling, silent]) {
    const got = collector();
    const options = { minBytesPerSecond: 10_000, patienceMs: 200 };
    await (await world.client(dir, [slow, honest], options)).fetchBlob({ ...ANSWER, onChunk: got.onChunk });
    expect(got.bytes()).toEqual(IMAGE);
    const failing = (await world.client(dir, [slow], options)).fetchBlob({ ...ANSWER, onChunk: collector().onChunk });
    expect(await codeOf(failing)).toBe("ERR_DEPOT_SLOW");
  }
}, 15_000);

test("a device that is slow to write does not blame the mirror", async () => {
  const { dir } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url], { minBytesPerSecond: 1_000_000, patienceMs: 100 });
  const got = collector();
  const onChunk = async (bytes: Uint8Array): Promise<void> => {
    if (got.bytes().length === 0) await Bun.sleep(150);
    await got.onChunk(bytes);
  };
  await client.fetchBlob({ ...ANSWER, onChunk });
  expect(got.bytes()).toEqual(IMAGE);
});

test("bytes altered in a cache fail their digest, and the next call asks another mirror first", async () => {
  const { dir } = await world.published();
  const altered = await world.copyOf(dir);
  await writeFile(
    join(altered, "blobs", "sha256", SHA256),
    IMAGE.map((byte, index) => (index === 200_000 ? byte ^ 1 : byte)),
  );
  const client = await world.client(dir, [(await world.depot(altered)).url, (await world.depot(dir)).url]);
  const digests = [];
  for (let call = 0; call < 2; call += 1) {
    const got = collector();
    await client.fetchBlob({ ...ANSWER, onChunk: got.onChunk });
    digests.push(createHash("sha256").update(got.bytes()).digest("hex") === SHA256);
  }
  expect(digests).toEqual([false, true]);
});

test("a depot that sheds load is left alone for as long as it asks, within bounds", async () => {
  const answers = ["7", "999999999", "soon"];
  const { dir } = await world.published();
  const busy = await world.fakeMirror((head, socket, count) => {
    const after = answers[count - 1];
    if (after === undefined) sendAndCut(socket, startOf(head), IMAGE.length);
    else socket.write(`HTTP/1.1 503 Busy\r\nRetry-After: ${after}\r\nContent-Length: 0\r\n\r\n`);
  });
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  await (await world.client(dir, [busy], { sleep })).fetchBlob({ ...ANSWER, onChunk: collector().onChunk });
  expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([7, RETRY_AFTER_MAX_MS / 1000, 0]);
});

test("devices that were all told the same time to come back do not come back in one piece, and none before it", async () => {
  const { dir } = await world.published();
  const busy = await world.fakeMirror((_head, socket) => socket.write("HTTP/1.1 503 Busy\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n"));
  const waits: number[] = [];
  for (const draw of [0, 0.5, 1]) {
    const stopping = new AbortController();
    const sleep = (ms: number): Promise<void> => {
      // To half a second: the time since the answer is not waited again.
      waits.push(Math.round(ms / 500) / 2);
      stopping.abort();
      return Promise.reject(new Error("enough"));
    };
    const client = await world.client(dir, [busy], { random: () => draw, sleep });
    const asking = client.fetchBlob({ ...ANSWER, onChunk: collector().onChunk, signal: stopping.signal });
    expect(await codeOf(asking)).toBe("ERR_DEPOT_ABORTED");
  }
  expect(waits).toEqual([10, 10 * (1 + RETRY_AFTER_JITTER / 2), 10 * (1 + RETRY_AFTER_JITTER)]);
});

test("a depot that sheds everything is reported as busy; its back-off is jittered, grows and stays within its cap", async () => {
  const { dir } = await world.published();
  const depot = await world.depot(dir);
  depot.shed({ share: 1, retryAfterSeconds: 0 });
  const waits: number[] = [];
  const options = { random: () => 0.999, sleep: (ms: number): Promise<void> => Promise.resolve(void waits.push(ms)) };
  const failing = (await world.client(dir, [depot.url], options)).fetchBlob({ ...ANSWER, onChunk: collector().onChunk });
  expect(await codeOf(failing)).toBe("ERR_DEPOT_BUSY");
  expect(waits.length).toBe(ATTEMPTS_MAX - 1);
  const seconds = waits.map((ms) => Math.round(ms / 1000));
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  expect(Math.max(...waits)).toBeLessThanOrEqual(BACKOFF_CAP_MS);
});

test("an error of the device's own ends the transfer as it is, without asking anybody again", async () => {
  const { dir } = await world.published();
  const client = await world.client(dir, [(await world.depot(dir)).url]);
  const diskFull = new Error("ENOSPC");
  expect(client.fetchBlob({ ...ANSWER, onChunk: () => Promise.reject(diskFull) })).rejects.toBe(diskFull);
});

test("a transfer that is called off stops at once, while reading and while waiting", async () => {
  const { dir } = await world.published();
  const silent = await world.fakeMirror(() => undefined);
  const reading = new AbortController();
  const stalled = (await world.client(dir, [silent])).fetchBlob({ ...ANSWER, onChunk: collector().onChunk, signal: reading.signal });
  reading.abort();
  expect(await codeOf(stalled)).toBe("ERR_DEPOT_ABORTED");
  const waiting = new AbortController();
  const busy = await world.fakeMirror((_head, socket) => {
    socket.write("HTTP/1.1 503 Busy\r\nRetry-After: 100\r\nContent-Length: 0\r\n\r\n", () => setTimeout(() => waiting.abort(), 20));
  });
  const client = await world.patientClient(dir, [busy]);
  expect(await codeOf(client.fetchBlob({ ...ANSWER, onChunk: collector().onChunk, signal: waiting.signal }))).toBe("ERR_DEPOT_ABORTED");
});

test("a depot with a certificate of another authority, or for another name, is not spoken to", async () => {
  const { dir } = await world.published();
  const depot = await world.depot(dir);
  const foreign = await createAuthority("somebody", { nowMs: NOW_MS });
  const device = tlsOf(await issueDevice(foreign, { id: DEVICE_ID, nowMs: NOW_MS }));
  const mistrusting = await world.client(dir, [depot.url], { tls: { ...device, caPem: foreign.certificatePem } });
  expect(await codeOf(mistrusting.fetchBlob({ ...ANSWER, onChunk: collector().onChunk }))).toBe("ERR_DEPOT_UNREACHABLE");
  const misnamed = await world.client(dir, [depot.url.replace("127.0.0.1", "127.0.0.2")]);
  expect(await codeOf(misnamed.fetchBlob({ ...ANSWER, onChunk: collector().onChunk }))).toBe("ERR_DEPOT_UNREACHABLE");
});
