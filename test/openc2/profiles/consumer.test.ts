/** A consumer holds a command to the rules of its profile, also when the command does not name it (x-iot §2). */
import { expect, test } from "bun:test";
import { xIot } from "../../../src/openc2/index.ts";
import { responseOf, World } from "../consumer/world.ts";

const stopped = { status: 200, results: { "x-iot": { stopped: 1 } } } as const;
const consumer = () => new World({ handlers: [{ profile: xIot, action: "stop", target: "process", handle: async () => stopped }] });
const stop = (process: object, more: object = {}) => ({ action: "stop", target: { process }, ...more });

test("the only profile with the pair answers a command that names none", async () => {
  expect(responseOf(await consumer().send(stop({ pid: 33_357 })))).toEqual(stopped);
});

test("and refuses it as if it had been named", async () => {
  const named = responseOf(await consumer().send(stop({ cwd: "/tmp" }, { actuator: { "x-iot": {} } })));
  const unnamed = responseOf(await consumer().send(stop({ cwd: "/tmp" })));
  expect([named.status, unnamed.status]).toEqual([400, 400]);
  for (const { status_text } of [named, unnamed]) expect(status_text).toStartWith("ERR_OPENC2_MISSING $");
});

test("with none nothing is said, and nothing is stopped", async () => {
  const answer = await consumer().send(stop({ cwd: "/tmp" }, { args: { response_requested: "none" } }));
  expect(answer).toMatchObject({ kind: "silence", status: 400 });
});
