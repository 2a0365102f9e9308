/** Stops and restarts as attacks: what must have no effect, no second effect, or no larger one than was signed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { HOUSEKEEPING_MAX, PROCESSES_BYTES_MAX, RESTARTS_MAX } from "../../../src/agent/limits.ts";
import { runningOf } from "../../../src/agent/housekeeping/results.ts";
import { restartDevice } from "../../../src/agent/housekeeping/restart.ts";
import { UPWARD_MESSAGE_BYTES_MAX } from "../../../src/channel/limits.ts";
import { parseUpward } from "../../../src/channel/wire/index.ts";
import { encodeResponse } from "../../../src/openc2/index.ts";
import { SEEN_IDS_MAX } from "../../../src/trust/limits.ts";
import { AgentWorld } from "../world.ts";
import { answerTo, cancelOf, restartOf, roundTrip, started, stopOf, until } from "./orders.ts";

const SILENT = { asked: "none" } as const;

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(() => world.end());

test("attack: one person, who may cancel, makes the device forget a restart, and plays it again for ever", async () => {
  const device = await started(world);
  const restart = restartOf("for-ever");
  await answerTo(world, device, restart);
  for (let count = 0; count < SEEN_IDS_MAX; count += 1)
    await world.order(cancelOf(`flood-${count}-x`, `flood-${count}`, SILENT), [world.people[0]], "stopping-command");
  await until("the flood", () => device.state().seen.includes(`flood-${SEEN_IDS_MAX - 1}`));
  expect(device.state().seen).not.toContain("for-ever");
  await world.order(restart);
  await roundTrip(world, device, "for-ever-trip");
  expect(device.state().boot).toBe(2);
});

test("attack: one person stops a process, or restarts a device", async () => {
  const device = await started(world);
  for (const command of [stopOf("alone-stop", { name: "nobody" }), restartOf("alone-restart")]) {
    await world.order(command, [world.people[0]], "stopping-command");
    await world.order(command, [world.people[0]]);
  }
  await until("four refusals", () => device.events.filter(({ kind }) => kind === "refused").length === 4);
  const reasons = device.events.flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
  expect(reasons).toEqual(["ERR_TRUST_COMMAND", "ERR_TRUST_THRESHOLD", "ERR_TRUST_COMMAND", "ERR_TRUST_THRESHOLD"]);
  expect(device.state()).toMatchObject({ boot: 1, seen: [] });
});

test(`no more than ${HOUSEKEEPING_MAX} commands wait: the next is told to come again, and so is not remembered`, async () => {
  const device = await started(world);
  const later = { asked: "none", args: { start_time: Date.now() + 300_000 } } as const;
  for (let count = 0; count < HOUSEKEEPING_MAX; count += 1) await world.order(stopOf(`many-${count}`, { name: "nobody" }, later));
  expect((await answerTo(world, device, stopOf("many-more", { name: "nobody" }))).status).toBe(503);
  expect(device.state().housekeeping).toHaveLength(HOUSEKEEPING_MAX);
  expect(device.state().seen).not.toContain("many-more");
});

test(`no more than ${RESTARTS_MAX} restarts are remembered, and none is forgotten for it before it has expired`, async () => {
  const device = await started(world);
  const endMs = Date.now() + 500_000;
  const later = { asked: "none", args: { start_time: endMs }, iot: { not_after: endMs } } as const;
  for (let count = 0; count < RESTARTS_MAX; count += 1) {
    await world.order(restartOf(`restarts-${count}`, later));
    await world.order(cancelOf(`restarts-${count}-x`, `restarts-${count}`, SILENT));
  }
  expect((await answerTo(world, device, restartOf("restarts-more"))).status).toBe(503);
  expect(device.state()).toMatchObject({ boot: 1 });
  expect(device.state().restarts).toHaveLength(RESTARTS_MAX);
});

describe("attack: processes that make an answer unreadable by what they call themselves", () => {
  const read = (names: readonly string[]) => {
    const processes = runningOf(
      names.map((name, index) => ({ pid: 4_000_000 + index, parentPid: 1, name, startedAt: "0", isKernel: false })),
    );
    const wire = encodeResponse(
      { request_id: "a".repeat(36), from: "urn:dev:ops:32473-1" },
      { status: 200, results: { "x-iot": { processes } } },
    );
    expect(wire.length).toBeLessThan(UPWARD_MESSAGE_BYTES_MAX);
    expect(parseUpward(wire)).toMatchObject({ response: { results: { "x-iot": { processes } } } });
    return processes;
  };

  test.each([["a\u0000b"], ["a\u202eb"], ["\u001b[2J"], ["\u{e000}"], [""], ["\ud800"], ["a\u2028b"]])("as %j", (name) => {
    expect(read([name])[0]?.name).not.toBe(name);
  });
  test("at length, and many of them", () => {
    expect(read(Array.from({ length: 500 }, () => "a"))).toHaveLength(64);
    const long = read(Array.from({ length: 500 }, () => "\u{1f480}".repeat(300)));
    expect(new TextEncoder().encode(JSON.stringify(long)).length).toBeLessThanOrEqual(PROCESSES_BYTES_MAX);
    expect(long.length).toBeGreaterThan(5);
  });
});

test("a restart command that succeeds and leaves the device as it was is no restart", async () => {
  const config = { directory: world.directory, restartCommand: ["sh", "-c", 'test "$EDICT_GRACE_MS" = 20'] };
  const restart = (graceMs: number) => restartDevice(config, graceMs, new AbortController().signal, 100);
  await expect(restart(20)).rejects.toMatchObject({ code: "ERR_AGENT_RESTART", message: expect.stringContaining("still runs") });
  await expect(restart(0)).rejects.toMatchObject({ code: "ERR_AGENT_RESTART", message: expect.stringContaining("did not restart") });
});
