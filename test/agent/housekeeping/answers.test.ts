/** When a stop or a restart is answered, and what happens to it, and to an update beside it, when the device starts in between. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { AgentWorld } from "../world.ts";
import { answersOf, answerTo, restartOf, roundTrip, started, stopOf, until } from "./orders.ts";

/** By a device's clock: what waits for 300 s is due, and commands still hold. */
const LATER_MS = 400_000;

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(() => world.end());

test("ack: at once, once, and nothing at the end", async () => {
  const device = await started(world);
  expect(await answerTo(world, device, restartOf("ack", { asked: "ack" }))).toEqual({ status: 102 });
  await until("the restart", () => device.state().lastCommand?.state === "done");
  await device.saw((event) => event.kind === "booted" && event.boot === 2);
  await roundTrip(world, device, "ack-trip");
  expect(answersOf(world, device).filter(({ requestId }) => requestId === "ack")).toHaveLength(1);
});

test("an update under way is not lost by a restart, and not disturbed by a stop", async () => {
  const device = await started(world);
  const update = world.update("beside");
  await world.order({ ...update, args: { ...update.args, start_time: Date.now() + 300_000 } });
  await device.saw((event) => event.kind === "update" && event.state === "queued");
  expect((await answerTo(world, device, stopOf("beside-stop", { name: "nobody" }))).status).toBe(200);
  expect((await answerTo(world, device, restartOf("beside-restart"))).status).toBe(200);
  expect(device.state()).toMatchObject({ boot: 2, job: { commandId: "beside" }, lastCommand: { command_id: "beside-restart" } });
  await device.stop();
  void device.start(undefined, LATER_MS);
  await device.saw((event) => event.kind === "booted" && event.version === "2.3.4");
  expect(device.state()).toMatchObject({ active: "b", lastUpdate: { command_id: "beside", state: "done" } });
});

test("stops that wait for their start outlive being switched off, and each is answered when it is done", async () => {
  const device = await started(world);
  const later = { args: { start_time: Date.now() + 300_000 } };
  for (const id of ["waits", "waits-too"]) await world.order(stopOf(id, { name: "nobody" }, later));
  await until("the jobs", () => device.state().housekeeping?.length === 2);
  await device.stop();
  expect(answersOf(world, device)).toEqual([]);
  void device.start(undefined, LATER_MS);
  // Done before the channel stands, most likely: none of the two answers may push the other out.
  await until("the answers", () => answersOf(world, device).length === 2);
  expect(answersOf(world, device).toSorted((a, b) => a.requestId.length - b.requestId.length)).toMatchObject([
    { requestId: "waits", response: { status: 200, results: { "x-iot": { stopped: 0 } } } },
    { requestId: "waits-too", response: { status: 200, results: { "x-iot": { stopped: 0 } } } },
  ]);
});

test("a device that could not restart says so, and takes commands again", async () => {
  const device = await started(world, { restartCommand: ["false"] });
  expect(await answerTo(world, device, restartOf("cannot"))).toMatchObject({
    status: 500,
    results: { "x-iot": { last_command: { command_id: "cannot", action: "restart", state: "failed", error: "ERR_AGENT_RESTART" } } },
  });
  expect((await answerTo(world, device, stopOf("cannot-stop", { name: "nobody" }))).status).toBe(200);
});
