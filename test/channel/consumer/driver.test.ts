/** A consumer with a real timer and a real file: scheduled commands begin by themselves, in this process or in the next. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startConsumer } from "../../../src/channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../../src/channel/consumer/sqlite/command-store.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-driver-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function open(path: string) {
  const began = Promise.withResolvers<number>();
  const store = new SqliteCommandStore(path);
  const handle = async () => {
    began.resolve(Date.now());
    return { status: 200 } as const;
  };
  const handlers = [{ action: "scan", target: "uri", handle }] as const;
  const consumer = startConsumer({ names: ["cam-7"], store, authorise: () => 200, handlers });
  const schedule = (start_time: number) => {
    const request = { action: "scan", target: { uri: "a:b" }, args: { response_requested: "ack", start_time } };
    const bytes = new TextEncoder().encode(JSON.stringify({ body: { openc2: { request } } }));
    return consumer.receive({ bytes, serialisation: "json", dialect: "any", peer: "isp" });
  };
  const close = () => {
    consumer.stop();
    store.close();
  };
  return { began: began.promise, schedule, close };
}

test("a scheduled command begins when its time comes, not before", async () => {
  const { began, schedule, close } = open(join(directory, "one.sqlite"));
  const startMs = Date.now() + 50;
  expect((await schedule(startMs)).status).toBe(102);
  expect(await began).toBeGreaterThanOrEqual(startMs);
  close();
});

test("one that was accepted before the process ended begins in the next", async () => {
  const path = join(directory, "two.sqlite");
  const before = open(path);
  const startMs = Date.now() + 50;
  await before.schedule(startMs);
  before.close();
  const after = open(path);
  expect(await after.began).toBeGreaterThanOrEqual(startMs);
  after.close();
});
