/** What a producer hears of its command, by response_requested (LS 1.0 §3.3.1.4, ADR 7), on success and on error. */
import { describe, expect, test } from "bun:test";
import { parseMessage } from "../../../src/openc2/index.ts";
import { responseOf, scan, settled, World } from "./world.ts";

const unsupported = (response_requested: string) => ({
  action: "detonate",
  target: { uri: "https://a.example/" },
  args: { response_requested },
});

describe("none", () => {
  test("is silent at once, and the command runs", async () => {
    const world = new World();
    expect(await world.send(scan({ response_requested: "none" }))).toEqual({ kind: "silence", status: 200, requestId: "r1" });
    await settled();
    expect(world.calls.length).toBe(1);
  });

  test("meets the same checks as the rest, silently", async () => {
    const world = new World({ authorise: (_, { action }) => (action === "scan" ? 403 : 200) });
    expect(await world.send(unsupported("none"))).toMatchObject({ kind: "silence", status: 501 });
    expect(await world.send(scan({ response_requested: "none" }))).toMatchObject({ kind: "silence", status: 403 });
    expect(await world.send(scan({ response_requested: "none", colour: 1 }))).toMatchObject({ kind: "silence", status: 400 });
    expect(world.calls).toEqual([]);
  });

  test("stays silent when the handler fails", async () => {
    const world = new World();
    const answer = await world.send(scan({ response_requested: "none" }));
    await settled();
    world.calls[0]?.end({ status: 500 });
    await settled();
    expect(answer.kind).toBe("silence");
    expect(world.events.at(-1)).toMatchObject({ kind: "ended", status: 500 });
  });

  test("hears of errors, and of nothing else, when errorsUnderNone is answered", async () => {
    const world = new World({ errorsUnderNone: "answered" });
    expect(responseOf(await world.send(unsupported("none"))).status).toBe(501);
    const [bad, good] = ["a", "b"].map((command_id) => world.send(scan({ response_requested: "none" }, { command_id })));
    await settled();
    world.calls[0]?.end({ status: 500, status_text: "no" });
    world.calls[1]?.end({ status: 200 });
    expect(responseOf((await bad)!)).toEqual({ status: 500, status_text: "no" });
    expect(await good).toMatchObject({ kind: "silence", status: 200 });
  });

  test("is not known of what cannot be decoded: that is answered", async () => {
    const world = new World();
    const answer = await world.sendBytes(new TextEncoder().encode('{"body":{"openc2":{"request":{"args":{"response_requested":"none"}'));
    expect(responseOf(answer)).toMatchObject({ status: 400, status_text: expect.stringContaining("ERR_OPENC2_JSON_SYNTAX") });
  });
});

test("ack is answered with 102 once the command is kept, and the command runs", async () => {
  const world = new World();
  expect(responseOf(await world.send(scan({ response_requested: "ack" })))).toEqual({ status: 102 });
  await settled();
  expect(world.calls.length).toBe(1);
});

test("status is answered with 102 until the command has ended, then with its end", async () => {
  const world = new World();
  expect(responseOf(await world.send(scan({ response_requested: "status" })))).toEqual({ status: 102 });
  await settled();
  expect(responseOf(await world.send(scan({ response_requested: "status" })))).toEqual({ status: 102 });
  world.calls[0]?.end({ status: 200, status_text: "scanned" });
  await settled();
  expect(responseOf(await world.send(scan({ response_requested: "status" })))).toEqual({ status: 200, status_text: "scanned" });
  expect(world.calls.length).toBe(1);
});

for (const [name, args] of [
  ["complete", { response_requested: "complete" }],
  ["nothing said", {}],
] as const) {
  test(`${name} is answered when the command has ended, and not before`, async () => {
    const world = new World();
    let isAnswered = false;
    const answer = world.send(scan(args)).finally(() => {
      isAnswered = true;
    });
    await settled();
    expect([world.calls.length, isAnswered]).toEqual([1, false]);
    world.calls[0]?.end({ status: 200 });
    expect(responseOf(await answer)).toEqual({ status: 200 });
  });
}

test("a handler that ends with 102 is at fault: complete never gets it", async () => {
  const world = new World();
  const answer = world.send(scan());
  await settled();
  world.calls[0]?.end({ status: 102 });
  expect(responseOf(await answer)).toMatchObject({ status: 500, status_text: expect.stringContaining("ERR_CONSUMER_FAULT") });
});

test("errors are answered under ack, status and complete alike", async () => {
  const world = new World();
  for (const requested of ["ack", "status", "complete"]) expect(responseOf(await world.send(unsupported(requested))).status).toBe(501);
});

test("the answer carries the request's id, who it is from and to whom it goes", async () => {
  const world = new World();
  const answer = await world.send(scan({ response_requested: "ack" }), { request_id: "r9", from: "soc.isp.example" });
  expect(answer.kind === "message" && parseMessage(answer.bytes).headers).toEqual({
    request_id: "r9",
    created: world.nowMs,
    from: "cam-7",
    to: ["soc.isp.example"],
  });
});

test("a message without an id gets that of the transfer (HTTPS v1.1 §3.3.3), also when it is refused", async () => {
  const world = new World();
  for (const command of [scan({ response_requested: "ack" }), { action: "frobnicate", target: { uri: "a:b" } }]) {
    const answer = await world.send(command, null, { requestId: "from-header" });
    expect(answer.requestId).toBe("from-header");
    expect(answer.kind === "message" && parseMessage(answer.bytes).headers.request_id).toBe("from-header");
  }
});
