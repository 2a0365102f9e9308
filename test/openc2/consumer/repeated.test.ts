/** A command that comes again: from a transfer that retries, a broker that delivers twice, or a producer that asks how it stands. */
import { expect, test } from "bun:test";
import { responseOf, scan, settled, World } from "./world.ts";

const none = { response_requested: "none" };

test("has no second effect, and is answered as the first was", async () => {
  const world = new World();
  const first = world.send(scan({}, { command_id: "c1" }));
  const second = world.send(scan({}, { command_id: "c1" }), { request_id: "another" });
  await settled();
  expect(world.calls.length).toBe(1);
  world.calls[0]?.end({ status: 200, status_text: "scanned" });
  const third = world.send(scan({}, { command_id: "c1" }));
  for (const answer of [first, second, third]) expect(responseOf(await answer)).toEqual({ status: 200, status_text: "scanned" });
  expect((await second).requestId).toBe("another");
  expect(world.calls.length).toBe(1);
  expect(world.kinds().filter((kind) => kind === "accepted")).toEqual(["accepted"]);
});

test("is known by request_id where it has no command_id (LS 1.0 §3.3.1), of the message or of the transfer", async () => {
  const world = new World();
  for (const command_id of [undefined, ""]) {
    const command = scan(none, { command_id });
    await world.send(command, { request_id: `r-${command_id}` });
    await world.send(command, { request_id: `r-${command_id}` });
    await world.send(command, null, { requestId: `t-${command_id}` });
    await world.send(command, null, { requestId: `t-${command_id}` });
  }
  await settled();
  expect(world.calls.map(({ context }) => context.id)).toEqual(["r-undefined", "t-undefined", "r-", "t-"]);
});

test("without any id is a new command each time", async () => {
  const world = new World();
  for (let count = 0; count < 3; count++) await world.send(scan(none), null);
  await settled();
  expect(world.calls.length).toBe(3);
});

test("of another peer is another command", async () => {
  const world = new World();
  for (const peer of ["isp", "maker"]) await world.send(scan(none, { command_id: "c1" }), null, { peer });
  await settled();
  expect(world.calls.map(({ context }) => context.peer)).toEqual(["isp", "maker"]);
});

test("may ask for another response", async () => {
  const world = new World();
  await world.send(scan(none, { command_id: "c1" }));
  expect(responseOf(await world.send(scan({ response_requested: "status" }, { command_id: "c1" })))).toEqual({ status: 102 });
  expect(responseOf(await world.send(scan({ response_requested: "ack" }, { command_id: "c1" })))).toEqual({ status: 102 });
  const complete = world.send(scan({}, { command_id: "c1" }));
  await settled();
  world.calls[0]?.end({ status: 404 });
  expect(responseOf(await complete)).toEqual({ status: 404 });
  expect(world.calls.length).toBe(1);
});

test("with other content under the same id is refused aloud, not taken for the first", async () => {
  const world = new World();
  await world.send(scan(none, { command_id: "c1" }));
  const other = { action: "scan", target: { device: { hostname: "cam-8" } }, command_id: "c1" };
  expect(responseOf(await world.send(other))).toMatchObject({
    status: 400,
    status_text: 'ERR_CONSUMER_ID "c1" was the id of another command',
  });
});

test("is known after a restart, with its answer", async () => {
  const world = new World();
  await world.send(scan(none, { command_id: "c1" }));
  await settled();
  world.calls[0]?.end({ status: 200, status_text: "scanned" });
  await settled();
  world.restart();
  expect(responseOf(await world.send(scan({}, { command_id: "c1" })))).toEqual({ status: 200, status_text: "scanned" });
  expect(world.calls.length).toBe(1);
});

test("is forgotten after a day, no sooner", async () => {
  const world = new World();
  await world.send(scan(none, { command_id: "c1" }));
  await settled();
  world.calls[0]?.end({ status: 200 });
  await settled();
  const ended = world.nowMs;
  for (const [atMs, runs] of [
    [ended + 86_400_000, 1],
    [ended + 86_460_001, 2],
  ] as const) {
    world.at(atMs);
    await world.send(scan(none, { command_id: "c1" }));
    await settled();
    expect(world.calls.length).toBe(runs);
  }
});

test("hardening: a peer that floods ids makes the consumer forget its own commands, never another's", async () => {
  const world = new World({ ratePerMinute: 1e6, handlers: [{ action: "scan", target: "device", handle: async () => ({ status: 200 }) }] });
  await world.send(scan(none, { command_id: "victim" }), null, { peer: "maker" });
  await world.send(scan(none, { command_id: "own" }));
  for (let count = 0; count < 4_300; count++) await world.send(scan(none, { command_id: `flood-${count}` }));
  await settled();
  expect(world.store.byId("victim").length).toBe(1);
  expect(world.store.byId("own").length).toBe(0);
}, 20_000);
