/** The backplane between processes of one machine keeps the contract, and more: either end may go away and come back. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { SocketBackplane } from "../../../src/channel/backplane/socket/client.ts";
import { encodeMessage, type FromPart, MessageReader } from "../../../src/channel/backplane/socket/messages.ts";
import { SocketBackplaneServer } from "../../../src/channel/backplane/socket/server.ts";
import type { GatewayEars, GatewayReport, ManagerSide } from "../../../src/channel/backplane/port.ts";
import { BACKPLANE_MESSAGE_BYTES_MAX } from "../../../src/channel/limits.ts";
import { backplaneContract } from "./backplane.contract.ts";

const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: silent };
const clock = { nowMs: () => 42 };
let directory: string;
let path: string;
const closing: (() => void)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "edict-backplane-"));
  path = join(directory, "backplane.sock");
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
  rmSync(directory, { recursive: true, force: true });
});

backplaneContract("on a unix socket", async (manager) => {
  const server = serve(manager);
  return { backplane: await part("gateway-1/1"), nudge: () => server.nudge(), close: silent };
});

function serve(manager: ManagerSide): SocketBackplaneServer {
  const server = new SocketBackplaneServer({ path, manager, clock, log });
  server.start();
  closing.push(() => server.stop());
  return server;
}

async function part(name: string, ears: Partial<GatewayEars> = {}): Promise<SocketBackplane> {
  const backplane = new SocketBackplane({ path, part: name, log });
  closing.push(() => backplane.stop());
  backplane.subscribe({ onNudge: silent, onElsewhere: silent, onFound: silent, ...ears });
  await backplane.start();
  return backplane;
}

function recorder() {
  const committed: GatewayReport[] = [];
  let look = silent;
  const manager: ManagerSide = {
    admit: () => ({ ok: true, ordinal: 1, tenant: "isp" }),
    ordersAfter: () => [],
    commit: (batch) => {
      committed.push(...batch);
      look();
    },
  };
  const until = async (count: number) => {
    while (committed.length < count) await new Promise<void>((resolve) => (look = resolve));
  };
  return { manager, committed, until };
}

const connected = (ordinal: number): GatewayReport => ({ kind: "connected", ordinal, atMs: 1 });
const gone = (ordinal: number): GatewayReport => ({ kind: "disconnected", ordinal, atMs: 2, reason: "device-gone" });

test("only this user can open the socket", () => {
  serve(recorder().manager);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a part that dies takes its own channels with it, and the manager is told so", async () => {
  const { manager, committed, until } = recorder();
  serve(manager);
  const [dying, other] = [await part("gateway-1/1"), await part("gateway-1/2")];
  await dying.report([connected(1), connected(2), gone(1)]);
  await other.report([connected(3)]);
  committed.length = 0;
  dying.stop();
  await until(1);
  expect(committed).toEqual([{ kind: "disconnected", ordinal: 2, atMs: 42, reason: "gateway-gone" }]);
});

test("a device that returns to another part is let go by the first, and stands in the manager's eyes throughout", async () => {
  const { manager, committed } = recorder();
  serve(manager);
  const elsewhere = Promise.withResolvers<number>();
  const first = await part("gateway-1/1", { onElsewhere: elsewhere.resolve });
  const second = await part("gateway-1/2");
  await first.report([connected(7)]);
  await second.report([connected(7)]);
  expect(await elsewhere.promise).toBe(7);
  // The first part finds the old connection dead, late.
  await first.report([gone(7)]);
  expect(committed).toEqual([connected(7), connected(7)]);
  await second.report([gone(7)]);
  expect(committed.at(-1)).toEqual(gone(7));
});

test("when one of two clones is caught at one part, the part that holds the other is told", async () => {
  serve(recorder().manager);
  const elsewhere = Promise.withResolvers<number>();
  const first = await part("gateway-1/1");
  const second = await part("gateway-1/2", { onElsewhere: elsewhere.resolve });
  await first.report([connected(7)]);
  await second.report([connected(7)]);
  await first.report([{ kind: "cloned", ordinal: 7, atMs: 2, addresses: ["192.0.2.1", "192.0.2.2"] }]);
  expect(await elsewhere.promise).toBe(7);
});

test("while the manager is away questions fail, and when it is back the part is told to say who stands", async () => {
  const first = serve(recorder().manager);
  const found = Promise.withResolvers<void>();
  const nudged = Promise.withResolvers<void>();
  const lonely = await part("gateway-1/1", { onFound: found.resolve });
  first.stop();
  await expect(lonely.report([connected(1)])).rejects.toMatchObject({ code: "ERR_CHANNEL_MANAGER" });
  await expect(lonely.admit("urn:dev:known")).rejects.toMatchObject({ code: "ERR_CHANNEL_MANAGER" });
  const { manager, committed } = recorder();
  lonely.subscribe({ onNudge: nudged.resolve, onElsewhere: silent, onFound: silent });
  const second = serve(manager);
  await found.promise;
  await nudged.promise;
  const ordinals = new RoaringBitmap32([5, 6]).serialize("portable");
  await lonely.report([{ kind: "standing", atMs: 3, ordinals }]);
  expect(second.parts).toEqual(["gateway-1/1"]);
  expect(committed).toEqual([{ kind: "standing", atMs: 3, ordinals }]);
});

test("those whom a part says stand there are gone with it too", async () => {
  const { manager, committed, until } = recorder();
  serve(manager);
  const dying = await part("gateway-1/1");
  await dying.report([{ kind: "standing", atMs: 3, ordinals: new RoaringBitmap32([5]).serialize("portable") }]);
  dying.stop();
  await until(2);
  expect(committed[1]).toMatchObject({ kind: "disconnected", ordinal: 5 });
});

test("messages are read however the bytes are cut, and an endless one is refused", () => {
  const messages: FromPart[] = [
    { kind: "hello", part: "p" },
    { kind: "report", id: 1, batch: [{ kind: "sent", seq: 1, atMs: 2, ordinals: Uint8Array.of(1, 2, 255) }] },
    { kind: "admit", id: 2, deviceId: "é" },
  ];
  const stream = new Uint8Array(messages.flatMap((message) => [...encodeMessage(message)]));
  for (const step of [1, 3, 7, stream.length]) {
    const reader = new MessageReader<FromPart>();
    const read: FromPart[] = [];
    for (let at = 0; at < stream.length; at += step) read.push(...reader.push(stream.subarray(at, at + step)));
    expect(read).toEqual(messages);
  }
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, BACKPLANE_MESSAGE_BYTES_MAX + 1);
  expect(() => new MessageReader<FromPart>().push(head)).toThrow(expect.objectContaining({ code: "ERR_CHANNEL_MANAGER" }));
  expect(() => new MessageReader<FromPart>().push(Uint8Array.of(0, 0, 0, 1, 0x7b))).toThrow(
    expect.objectContaining({ code: "ERR_CHANNEL_MANAGER" }),
  );
});
