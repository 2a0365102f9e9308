/** `cancel command` (use case 27): what has not begun is called off, and what has not even arrived will do nothing. */
import { expect, test } from "bun:test";
import { xSwup } from "../../../src/openc2/index.ts";
import { responseOf, scan, settled, T0, World } from "./world.ts";

const later = { start_time: T0 + 60_000, response_requested: "ack" };
const cancel = (command: string, more: object = {}) => ({ action: "cancel", target: { command }, ...more });

test("calls off a scheduled command, by its command_id, and whoever waits for it is told", async () => {
  const world = new World();
  const waits = world.send(scan({ start_time: T0 + 60_000 }, { command_id: "c1" }));
  await settled();
  expect(responseOf(await world.send(cancel("c1"), { request_id: "r2" }))).toEqual({ status: 200 });
  expect(responseOf(await waits)).toEqual({ status: 403, status_text: 'ERR_CONSUMER_CANCELLED "c1" was cancelled' });
  world.at(T0 + 60_001);
  await settled();
  expect(world.calls).toEqual([]);
});

test("calls it off by its request_id when it had no command_id", async () => {
  const world = new World();
  await world.send(scan(later), { request_id: "r1" });
  expect(responseOf(await world.send(cancel("r1"), { request_id: "r2" })).status).toBe(200);
});

test("calls off a command that waits for its turn", async () => {
  const world = new World({ runningMax: 1 });
  for (const command_id of ["c1", "c2"]) await world.send(scan({ response_requested: "none" }, { command_id }));
  // The cancel has no turn to wait for: behind what it cancels it would come too late.
  expect(responseOf(await world.send(cancel("c2"), { request_id: "r2" }))).toEqual({ status: 200 });
  world.calls[0]?.end({ status: 200 });
  await settled();
  expect(world.calls.length).toBe(1);
});

test("stays called off after a restart", async () => {
  const world = new World();
  await world.send(scan(later, { command_id: "c1" }));
  await world.send(cancel("c1"), { request_id: "r2" });
  world.restart();
  world.at(T0 + 120_000);
  await settled();
  expect(world.calls).toEqual([]);
});

test("is answered with 404 when the command runs or is done", async () => {
  const world = new World();
  await world.send(scan({ response_requested: "none" }, { command_id: "c1" }));
  await settled();
  expect(responseOf(await world.send(cancel("c1"), { request_id: "r2" })).status).toBe(404);
  world.calls[0]?.end({ status: 200 });
  await settled();
  expect(responseOf(await world.send(cancel("c1"), { request_id: "r3" })).status).toBe(404);
});

test("before its command is answered with 404, and the command then does nothing, whatever it asks for", async () => {
  const world = new World();
  expect(responseOf(await world.send(cancel("c1"), { request_id: "r2" })).status).toBe(404);
  world.restart();
  expect(responseOf(await world.send(scan({ response_requested: "ack" }, { command_id: "c1" }))).status).toBe(403);
  expect(await world.send(scan({ response_requested: "none" }, { command_id: "c1" }))).toMatchObject({ kind: "silence", status: 403 });
  await settled();
  expect(world.calls).toEqual([]);
});

test("that comes again is answered as before", async () => {
  const world = new World();
  await world.send(scan(later, { command_id: "c1" }));
  for (let count = 0; count < 2; count++) expect(responseOf(await world.send(cancel("c1", { command_id: "c2" }))).status).toBe(200);
});

test("hardening: one peer cannot cancel another's command, before or after it comes", async () => {
  const world = new World();
  await world.send(scan(later, { command_id: "c1" }), null, { peer: "isp" });
  for (const id of ["c1", "c2"]) {
    expect(responseOf(await world.send(cancel(id), { request_id: `r-${id}` }, { peer: "stranger" })).status).toBe(404);
  }
  await world.send(scan(later, { command_id: "c2" }), null, { peer: "isp" });
  world.at(T0 + 60_000);
  await settled();
  expect(world.calls.length).toBe(2);
});

test("of a peer that may cancel for others works before and after the command comes", async () => {
  const world = new World({ mayCancel: (peer, owner) => peer === owner || peer === "soc" });
  await world.send(scan(later, { command_id: "c1" }));
  expect(responseOf(await world.send(cancel("c1"), { request_id: "r1" }, { peer: "soc" })).status).toBe(200);
  expect(responseOf(await world.send(cancel("c2"), { request_id: "r2" }, { peer: "soc" })).status).toBe(404);
  expect(responseOf(await world.send(scan(later, { command_id: "c2" }))).status).toBe(403);
});

test("goes on to a profile that can call off what has begun", async () => {
  const asked: string[] = [];
  const handle = async ({ target }: { target: object }) => {
    asked.push(JSON.stringify(target));
    return { status: 200 } as const;
  };
  const world = new World({ handlers: [{ profile: xSwup, action: "cancel", target: "command", handle }] });
  expect(responseOf(await world.send(cancel("c9"))).status).toBe(200);
  expect(asked).toEqual(['{"command":"c9"}']);
});

test("with none is silent, and cancels", async () => {
  const world = new World();
  await world.send(scan(later, { command_id: "c1" }));
  const answer = await world.send(cancel("c1", { args: { response_requested: "none" } }), { request_id: "r2" });
  expect(answer).toMatchObject({ kind: "silence", status: 200 });
  world.at(T0 + 60_000);
  await settled();
  expect(world.calls).toEqual([]);
});
