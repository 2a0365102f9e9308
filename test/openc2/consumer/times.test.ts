/** When commands begin (LS 1.0 §3.3.1.4): start, stop and duration, also across restarts and downtime, under a virtual clock. */
import { describe, expect, test } from "bun:test";
import { responseOf, scan, settled, T0, World } from "./world.ts";

const HOUR = 3_600_000;

describe("effective times reach the handler", () => {
  for (const [args, startMs, stopMs] of [
    [{}, T0, undefined],
    [{ start_time: T0 - 5 }, T0 - 5, undefined],
    [{ stop_time: T0 + HOUR }, T0, T0 + HOUR],
    [{ duration: HOUR }, T0, T0 + HOUR],
    [{ start_time: T0 - 5, stop_time: T0 + HOUR }, T0 - 5, T0 + HOUR],
    [{ start_time: T0 - 5, duration: HOUR }, T0 - 5, T0 + HOUR - 5],
    [{ stop_time: T0 + HOUR, duration: HOUR + 5 }, T0 - 5, T0 + HOUR],
  ] as const) {
    test(`of ${JSON.stringify(args)}`, async () => {
      const world = new World();
      await world.send(scan({ response_requested: "none", ...args }));
      await settled();
      expect([world.calls[0]?.context.startMs, world.calls[0]?.context.stopMs]).toEqual([startMs, stopMs]);
    });
  }
});

describe("what could never run is refused", () => {
  for (const [what, args, status, code] of [
    ["its stop has passed", { stop_time: T0 }, 403, "ERR_CONSUMER_EXPIRED"],
    ["it began and ended in the past", { start_time: T0 - HOUR, duration: HOUR }, 403, "ERR_CONSUMER_EXPIRED"],
    ["it lasts no time", { start_time: T0 + HOUR, duration: 0 }, 400, "ERR_CONSUMER_TIMES"],
    ["it stops before it starts", { start_time: T0 + HOUR, stop_time: T0 + 1 }, 400, "ERR_CONSUMER_TIMES"],
    ["it starts in a thousand years", { start_time: T0 + 31_536_000_000_000 }, 400, "ERR_CONSUMER_TIMES"],
    ["all three are given", { start_time: T0, stop_time: T0 + 1, duration: 1 }, 400, "ERR_OPENC2_TIMES"],
  ] as const) {
    test(what, async () => {
      const world = new World();
      expect(responseOf(await world.send(scan(args)))).toMatchObject({ status, status_text: expect.stringContaining(code) });
      expect(await world.send(scan({ ...args, response_requested: "none" }))).toMatchObject({ kind: "silence", status });
    });
  }
});

test("a scheduled command begins when it is due, not before, and nextDueMs says when that is", async () => {
  const world = new World();
  expect(world.consumer.nextDueMs()).toBeUndefined();
  await world.send(scan({ start_time: T0 + HOUR, response_requested: "none" }, { command_id: "late" }));
  await world.send(scan({ start_time: T0 + 9, response_requested: "none" }, { command_id: "soon" }));
  expect(world.consumer.nextDueMs()).toBe(T0 + 9);
  world.at(T0 + 8);
  await settled();
  expect(world.calls).toEqual([]);
  world.at(T0 + 9);
  await settled();
  expect(world.calls.map(({ context }) => context.id)).toEqual(["soon"]);
  world.at(T0 + HOUR);
  await settled();
  expect(world.calls.map(({ context }) => context.id)).toEqual(["soon", "late"]);
});

test("a scheduled command survives a restart; one whose time came meanwhile begins late, or is expired if its stop has passed", async () => {
  const world = new World();
  const at = { start_time: T0 + HOUR, response_requested: "ack" };
  await world.send(scan(at, { command_id: "open" }));
  await world.send(scan({ ...at, duration: HOUR }, { command_id: "short" }));
  world.nowMs = T0 + 3 * HOUR;
  world.restart();
  await settled();
  expect(world.calls.map(({ context }) => context.id)).toEqual(["open"]);
  expect(world.events.filter(({ kind }) => kind === "ended")).toMatchObject([{ id: "short", state: "expired", status: 403 }]);
  const status = await world.send(scan({ ...at, duration: HOUR, response_requested: "status" }, { command_id: "short" }));
  expect(responseOf(status)).toMatchObject({ status: 403, status_text: expect.stringContaining("ERR_CONSUMER_EXPIRED") });
});

test("a command that was interrupted begins again, and is told so; one that always ends the process is given up", async () => {
  const world = new World();
  await world.send(scan({ response_requested: "none" }, { command_id: "c1" }));
  for (let starts = 1; starts <= 16; starts++) {
    await settled();
    expect(world.calls.at(-1)?.context.attempt).toBe(starts);
    world.restart();
  }
  await settled();
  expect(world.calls.length).toBe(16);
  const status = await world.send(scan({ response_requested: "status" }, { command_id: "c1" }));
  expect(responseOf(status)).toMatchObject({ status: 500, status_text: expect.stringContaining("ERR_CONSUMER_INTERRUPTED") });
});

test("a handler that never ends is given up after its time, its signal aborts, and what it says later is dropped", async () => {
  const world = new World({ handlerMaxMs: 1_000, runningMax: 1 });
  const answer = world.send(scan());
  await world.send(scan({ response_requested: "none" }, { command_id: "next" }));
  await settled();
  expect(world.consumer.nextDueMs()).toBe(T0 + 1_000);
  world.at(T0 + 1_000);
  expect(responseOf(await answer)).toMatchObject({ status: 500, status_text: expect.stringContaining("ERR_CONSUMER_HANDLER_TIME") });
  await settled();
  expect(world.calls[0]?.context.signal.aborted).toBe(true);
  expect(world.calls[1]?.context.id).toBe("next");
  world.calls[0]?.end({ status: 200 });
  await settled();
  expect(responseOf(await world.send(scan())).status).toBe(500);
});
