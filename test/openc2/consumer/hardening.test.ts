/** Attacks on a consumer, and failures of what it stands on: nothing leaves `receive` but an answer. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type Kept, MemoryStore } from "../../../src/openc2/consumer/index.ts";
import { RateLimit } from "../../../src/openc2/consumer/rate-limit.ts";
import { OpenC2Error, parseMessage } from "../../../src/openc2/index.ts";
import { responseOf, scan, settled, T0, World } from "./world.ts";

const encoder = new TextEncoder();
const none = { response_requested: "none" };
const later = { start_time: T0 + 60_000, response_requested: "none" };

describe("garbage is answered with 400", () => {
  for (const [what, text, code] of [
    ["nothing", "", "ERR_OPENC2_JSON_SYNTAX"],
    ["half a text", '{"body":', "ERR_OPENC2_JSON_SYNTAX"],
    ["a duplicate name", '{"body":{},"body":{}}', "ERR_OPENC2_JSON_DUPLICATE"],
    ["a prototype", '{"__proto__":{}}', "ERR_OPENC2_JSON_NAME"],
    ["depth", "[".repeat(1_000_000), "ERR_OPENC2_JSON_SIZE"],
    ["depth within the size", "[".repeat(10_000), "ERR_OPENC2_JSON_DEPTH"],
    ["half a surrogate pair as id", '{"headers":{"request_id":"\\ud800"},"body":{"openc2":{"request":{}}}}', "ERR_OPENC2_JSON_SURROGATE"],
    ["JSON of another kind", "[1,2]", "ERR_OPENC2_TYPE"],
    ["no request", '{"body":{"openc2":{}}}', "ERR_OPENC2_CHOICE"],
  ] as const) {
    test(what, async () => {
      const response = responseOf(await new World().sendBytes(encoder.encode(text)));
      expect(response.status).toBe(400);
      expect(response.status_text).toStartWith(code);
    });
  }
});

test("whatever bytes come, the answer is valid or silence, and no handler runs", async () => {
  const world = new World({ ratePerMinute: 1e9 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json({ maxDepth: 5 }).map((text) => encoder.encode(text)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.option(fc.string({ unit: "binary" }), { nil: undefined }), async (given, requestId) => {
      const answer = await world.sendBytes(given, requestId === undefined ? {} : { requestId });
      if (answer.kind === "message") expect(parseMessage(answer.bytes).kind).toBe("response");
    }),
    { numRuns: 500 },
  );
  expect(world.calls).toEqual([]);
});

test("ids and names that would not fit the answer are not repeated in it", async () => {
  const world = new World();
  const long = "i".repeat(15_000);
  const answer = await world.send(scan(), { request_id: long });
  expect(responseOf(answer)).toMatchObject({ status: 400, status_text: expect.stringContaining("ERR_CONSUMER_ID") });
  expect(answer.requestId).toBeUndefined();
  const query = { action: "query", target: { features: [] } };
  expect(responseOf(await world.send(query, { request_id: "r", from: long })).status).toBe(200);
  for (const requestId of [long, "\ud800"]) expect(responseOf(await world.send(query, null, { requestId })).status).toBe(200);
});

test("a response or a message to others is never answered: two consumers cannot be set on each other", async () => {
  const world = new World();
  for (const text of [
    '{"body":{"openc2":{"response":{"status":200}}}}',
    '{"body":{"openc2":{"response":{"status":999}}}}',
    '{"status":"no"}',
  ])
    expect(await world.sendBytes(encoder.encode(text))).toMatchObject({ kind: "silence", status: 400 });
  const foreign = { request_id: "r1", to: ["cam-8", "cam-9"] };
  expect(await world.send(scan(), foreign)).toEqual({ kind: "silence", status: 404, requestId: "r1" });
  const shared = await world.send(scan(none), { to: ["cam-8", "cam-7.isp.example"] });
  expect(shared).toMatchObject({ kind: "silence", status: 200 });
  await settled();
  expect(world.calls.length).toBe(1);
});

describe("authority is asked for each peer, action and target, before anything else is told", () => {
  const world = () => new World({ authorise: (peer, { action }) => (peer !== "isp" ? 401 : action === "scan" ? 200 : 403) });
  for (const [peer, command, status] of [
    ["stranger", { action: "scan", target: { uri: "a:b" } }, 401],
    ["stranger", { action: "query", target: { features: ["pairs"] } }, 401],
    ["isp", { action: "deny", target: { ipv4_net: "10.0.0.0/8" } }, 403],
    ["isp", { action: "delete", target: { uri: "a:b" } }, 403],
    ["isp", { action: "cancel", target: { command: "c1" } }, 403],
  ] as const) {
    test(`${peer}: ${command.action}`, async () => {
      expect(responseOf(await world().send(command, null, { peer })).status).toBe(status);
    });
  }

  test("and a rule that fails lets nothing through", async () => {
    const broken = new World({
      authorise: () => {
        throw new Error("directory unreachable at 10.1.2.3");
      },
    });
    const response = responseOf(await broken.send(scan()));
    expect(response).toEqual({ status: 500, status_text: "ERR_CONSUMER_FAULT this consumer failed" });
    expect(broken.calls).toEqual([]);
  });
});

describe("a handler", () => {
  const failing = (handle: () => Promise<never>) => new World({ handlers: [{ action: "scan", target: "device", handle }] });

  test("that throws tells the producer nothing of the inside, and the log everything", async () => {
    const world = failing(async () => {
      throw new Error("password=hunter2 at /etc/secret");
    });
    const answer = await world.send(scan());
    expect(responseOf(answer)).toEqual({ status: 500, status_text: "ERR_CONSUMER_FAULT scan device failed in this consumer" });
    expect(world.events.find(({ kind }) => kind === "fault")).toMatchObject({ cause: { message: expect.stringContaining("hunter2") } });
  });

  test("that throws before its promise, or nothing at all, is answered for too", async () => {
    for (const thrown of [new TypeError("x"), undefined, "text", null]) {
      const world = failing(() => {
        throw thrown;
      });
      expect(responseOf(await world.send(scan())).status).toBe(500);
    }
  });

  test("that throws an error of Edict's answers with its status, code and message", async () => {
    const world = failing(async () => {
      throw new OpenC2Error("ERR_OPENC2_UNSUPPORTED", "$.target.device.hostname: by device_id only", { clause: "x-any §2" });
    });
    expect(responseOf(await world.send(scan()))).toEqual({
      status: 501,
      status_text: "ERR_OPENC2_UNSUPPORTED $.target.device.hostname: by device_id only (x-any §2)",
    });
  });

  test("whose response is no response, or too long to send, becomes a 500", async () => {
    const results = { "x-swup": { software: { vendor: "v".repeat(20_000), name: "n", version: "1" } } };
    for (const response of [
      undefined,
      {},
      { status: 204 },
      { status: 200, results: {} },
      { status: 200, results },
      { status: 200, secret: 1 },
    ]) {
      const world = failing(async () => response as never);
      expect(responseOf(await world.send(scan())).status).toBe(500);
    }
  });
});

describe("a full queue", () => {
  test("refuses with 503, keeps what it has, and takes more when there is room", async () => {
    const world = new World({ queueMax: 3 });
    for (const command_id of ["a", "b", "c"]) expect((await world.send(scan(later, { command_id }))).status).toBe(200);
    expect(await world.send(scan(later, { command_id: "d" }))).toMatchObject({ kind: "silence", status: 503 });
    expect(responseOf(await world.send(scan({}, { command_id: "d" })))).toMatchObject({ status: 503 });
    expect((await world.send(scan(later, { command_id: "a" }))).status).toBe(200);
    expect(responseOf(await world.send({ action: "cancel", target: { command: "a" } })).status).toBe(200);
    expect((await world.send(scan(later, { command_id: "d" }))).status).toBe(200);
  });

  test("of one peer leaves room for others", async () => {
    const world = new World({ ratePerMinute: 1e6 });
    let accepted = 0;
    for (let count = 0; count < 600; count++) accepted += (await world.send(scan(later), null)).status === 200 ? 1 : 0;
    expect(accepted).toBe(512);
    expect((await world.send(scan(later), null, { peer: "maker" })).status).toBe(200);
  });
});

describe("a store that fails", () => {
  class FailingStore extends MemoryStore {
    /** What fails: nothing, the call, or the sync after it. */
    failing: "nothing" | "write" | "sync" = "nothing";
    override add(kept: Omit<Kept, "seq">): Kept {
      if (this.failing === "write") throw new Error("disk full");
      return super.add(kept);
    }
    override update(kept: Kept): void {
      if (this.failing === "write") throw new Error("disk full");
      super.update(kept);
    }
    override synced(): Promise<void> {
      return this.failing === "sync" ? Promise.reject(new Error("disk full")) : super.synced();
    }
  }

  for (const failing of ["write", "sync"] as const) {
    test(`at the ${failing} accepts nothing, and nothing runs`, async () => {
      const store = new FailingStore();
      const world = new World({ store });
      store.failing = failing;
      expect(responseOf(await world.send(scan({ response_requested: "ack" })))).toEqual({
        status: 503,
        status_text: "ERR_CONSUMER_STORE no command can be kept now",
      });
      await settled();
      expect(world.calls).toEqual([]);
    });
  }

  test("when a command ends: it is answered, and kept as soon as the store is well, without running again", async () => {
    const store = new FailingStore();
    const world = new World({ store });
    const answer = world.send(scan());
    await settled();
    store.failing = "write";
    world.calls[0]?.end({ status: 200 });
    expect(responseOf(await answer)).toEqual({ status: 200 });
    await settled();
    expect(world.consumer.nextDueMs()).toBe(T0 + 1_000);
    store.failing = "nothing";
    world.at(T0 + 1_000);
    await settled();
    expect(store.byId("r1")).toMatchObject([{ state: "done", response: { status: 200 } }]);
    world.restart();
    await settled();
    expect(world.calls.length).toBe(1);
  });

  test("when a restart begins what was interrupted: it begins as soon as the store is well", async () => {
    const store = new FailingStore();
    const world = new World({ store });
    await world.send(scan(none));
    await settled();
    store.failing = "sync";
    world.restart();
    await settled();
    expect(world.calls.length).toBe(1);
    store.failing = "nothing";
    world.at(world.consumer.nextDueMs() ?? 0);
    await settled();
    expect(world.calls.length).toBe(2);
  });
});

test("a log that fails does not fail a command", async () => {
  const observe = () => {
    throw new Error("broken pipe");
  };
  const world = new World({ observe });
  expect(responseOf(await world.send(scan({ colour: 1 }))).status).toBe(400);
  const answer = world.send(scan());
  await settled();
  world.calls[0]?.end({ status: 200 });
  expect(responseOf(await answer)).toEqual({ status: 200 });
});

test("more deliveries than may wait for an answer are refused with 503, and the rest is answered", async () => {
  const world = new World({ ratePerMinute: 1e9 });
  const answers = Array.from({ length: 4_097 }, () => world.send(scan()));
  expect(responseOf((await answers.at(-1))!)).toMatchObject({ status: 503, status_text: expect.stringContaining("ERR_CONSUMER_FULL") });
  world.calls[0]?.end({ status: 200 });
  expect(responseOf((await answers.at(0))!)).toEqual({ status: 200 });
  expect(world.calls.length).toBe(1);
});

test("more peers than can be watched: those not heard of for longest start anew, the rest keep their bounds", () => {
  const rate = new RateLimit(1);
  for (let peer = 0; peer <= 10_000; peer++) expect(rate.take(`peer-${peer}`, T0)).toBe(true);
  expect(rate.take("peer-1", T0)).toBe(false);
  expect(rate.take("peer-0", T0)).toBe(true);
});

test("an id that would write on a terminal stands escaped in what is said about it", async () => {
  const cancel = { action: "cancel", target: { command: "\u001b[2J" } };
  const response = responseOf(await new World().send(cancel));
  expect(response).toMatchObject({ status: 404, status_text: expect.stringContaining("\\u001b[2J") });
});
