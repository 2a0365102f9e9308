/** What only a mirror on a network can do with metadata: trickle, stand beside an honest one, listen. */
import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { codeOf, IMAGE, collector, World } from "../world.ts";

const world = new World();
afterEach(() => world.close());

const lookUp = ["famousMaker", "famousModel", "2.3.4"] as const;

test("slow retrieval: a mirror that trickles metadata is left, and the next one is asked", async () => {
  const { dir } = await world.published();
  const trickling = await world.fakeMirror((_, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n");
    const timer = setInterval(() => socket.write(" "), 5);
    socket.once("close", () => clearInterval(timer));
  });
  const patience = { patienceMs: 300, minBytesPerSecond: 10_000 };
  expect(await codeOf((await world.client(dir, [trickling], patience)).release(...lookUp))).toBe("ERR_DEPOT_SLOW");
  const honest = (await world.depot(dir)).url;
  for (const depots of [
    [trickling, honest],
    [honest, trickling],
  ])
    expect((await (await world.client(dir, depots, patience)).release(...lookUp)).counter).toBe(7);
});

test("drop-request: a mirror that knows nothing does not keep a device from one that does; alone, it is named in the error", async () => {
  const { dir } = await world.published();
  const empty = await world.fakeMirror((_, socket) => void socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
  const honest = (await world.depot(dir)).url;
  expect((await (await world.client(dir, [honest, empty])).release(...lookUp)).counter).toBe(7);
  expect((await (await world.client(dir, [empty, honest])).release(...lookUp)).counter).toBe(7);
  const alone = (await world.client(dir, [empty])).release(...lookUp);
  expect(await codeOf(alone)).toBe("ERR_DEPOT_METADATA");
  expect(alone).rejects.toThrow(empty);
});

test("eavesdrop: who listens on the way sees neither what is asked for nor what is answered", async () => {
  const { dir, release } = await world.published();
  const { port } = await world.depot(dir);
  const seen: Buffer[] = [];
  const open = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("data", (bytes) => {
        seen.push(Buffer.from(bytes));
        to.write(bytes);
      });
      from.on("error", () => from.destroy());
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const client = await world.client(dir, [url]);
  const { onChunk, bytes } = collector();
  const { sha256, size } = await client.release(...lookUp);
  await client.fetchBlob({ sha256, size, startAt: 0, onChunk });
  expect(bytes()).toEqual(IMAGE);
  const heard = Buffer.concat(seen);
  expect(heard.length).toBeGreaterThan(IMAGE.length);
  const secrets = [release.sha256, "timestamp.json", "famousModel"].map((word) => Buffer.from(word));
  for (const secret of [...secrets, Buffer.from(IMAGE.subarray(1000, 1032))]) expect(heard.includes(secret)).toBe(false);
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => listener.close(resolve));
});
