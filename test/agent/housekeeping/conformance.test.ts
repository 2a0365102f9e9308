/** docs/profiles/x-iot §6.2, line by line: a real device with real processes, signatures and a real channel. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { startTimeMs } from "../../../src/openc2/profiles/x-swup/start-time.ts";
import { type Command, xIot } from "../../../src/openc2/index.ts";
import vectors from "../../../vectors/openc2/x-iot-commands.json" with { type: "json" };
import { Table } from "../processes/table.ts";
import { Children, hasProc, skipReason } from "../processes/children.ts";
import { AgentWorld } from "../world.ts";
import { answersOf, answerTo, cancelOf, commandOf, restartOf, roundTrip, started, stopOf, until } from "./orders.ts";

let world: AgentWorld;
const children = new Children();
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(async () => {
  children.end();
  await world.end();
});

/** Nothing else on this machine is called so, in another run of this test either. */
const MALWARE = `dvr-${process.pid}`;

const featuresOf = (id: string, more?: Partial<Command>): Command => ({
  action: "query",
  target: { features: ["profiles", "pairs"] },
  args: { response_requested: "complete" },
  command_id: id,
  ...more,
});
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

test("4 Baseline: it lists the profile and its pairs, alone where it alone is asked", async () => {
  const device = await started(world);
  const { results } = await answerTo(world, device, featuresOf("features"));
  expect(results?.profiles).toEqual(["x-swup", "x-iot"]);
  for (const [action, targets] of Object.entries(xIot.pairs))
    expect(results?.pairs?.[action]).toEqual(expect.arrayContaining([...targets]));
  const alone = await answerTo(world, device, featuresOf("features-iot", { actuator: { "x-iot": {} } }));
  expect(alone.results).toEqual({ profiles: ["x-iot"], pairs: xIot.pairs });
  const { status } = await answerTo(world, device, featuresOf("features-slpf", { actuator: { slpf: {} } }));
  expect(status).toBe(501);
});

describe("5 Commands", () => {
  test.skipIf(!hasProc)(`every row of section 2 is supported${skipReason}`, async () => {
    const device = await started(world);
    const path = children.executable(MALWARE);
    const pid = await children.start(path);
    const running = await answerTo(world, device, commandOf("row-query", "query", { process: { name: MALWARE } }));
    expect(running).toEqual({ status: 200, results: { "x-iot": { processes: [{ pid, name: MALWARE }] } } });
    const last = { command_id: "row-stop", action: "stop", state: "done" } as const;
    const stopped = await answerTo(world, device, stopOf("row-stop", { name: MALWARE, executable: { hashes: { sha256: sha256(path) } } }));
    expect(stopped).toEqual({ status: 200, results: { "x-iot": { stopped: 1, last_command: last } } });
    expect(children.isRunning(pid)).toBe(false);
    expect(await answerTo(world, device, commandOf("row-after", "query", { process: { name: MALWARE } }))).toEqual({
      status: 200,
      results: { "x-iot": { processes: [], last_command: last } },
    });
    const model = await answerTo(
      world,
      device,
      commandOf("row-model", "query", { "x-iot:model": { name: "famousModel", hardware: ["r2"] } }),
    );
    expect(model).toMatchObject({ status: 200, results: { "x-iot": { last_command: last } } });
    expect(model.results?.["x-iot"]?.uptime).toBeGreaterThan(0);
    for (const [id, target] of [
      ["row-restart", { device: { device_id: device.id } }],
      ["row-again", { "x-iot:model": { vendor: "famousMaker" } }],
    ] as const) {
      const { boot } = device.state();
      const lastRestart = { command_id: id, action: "restart", state: "done" } as const;
      expect(await answerTo(world, device, commandOf(id, "restart", target))).toEqual({
        status: 200,
        results: { "x-iot": { last_command: lastRestart } },
      });
      expect(device.state()).toMatchObject({ boot: boot + 1, lastCommand: lastRestart, active: "a" });
    }
    // The check-in after it says the same, whoever asks or does not.
    const checkIns = world.manager.reports.flatMap((report) => (report.kind === "check-in" ? [report.checkIn] : []));
    expect(checkIns.at(-1)?.last_command).toEqual({ command_id: "row-again", action: "restart", state: "done" });
  });

  test("what sections 2 and 3 do not allow is refused with the codes of all vectors", async () => {
    const device = await started(world);
    const bad = vectors.vectors.filter(({ code }) => code !== undefined);
    expect(bad.length).toBeGreaterThan(20);
    for (const [index, { value }] of bad.entries()) {
      const command = { ...value, command_id: `bad-${index}` };
      const text = JSON.stringify({ headers: { created: Date.now() }, body: { openc2: { request: command } } });
      await world.orderMessage(new TextEncoder().encode(text), { command: command as Command });
    }
    await until("all vectors", () => device.events.filter(({ kind }) => kind === "refused").length === bad.length);
    const reasons = device.events.flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
    expect(reasons).toEqual(bad.map(({ code = "" }) => code));
    expect(device.state()).toMatchObject({ boot: 1, seen: [] });
  });

  test("a command that names no profile is one of this profile, and held to its rules", async () => {
    const device = await started(world);
    const args = { response_requested: "complete" } as const;
    const stop = (id: string, process: object, more?: object): Command => ({
      action: "stop",
      target: { process: { ...process } },
      args: { ...args, ...more },
      command_id: id,
    });
    expect((await answerTo(world, device, stop("bare", { name: "nobody" }))).results).toMatchObject({ "x-iot": { stopped: 0 } });
    expect((await answerTo(world, device, stop("bare-cwd", { cwd: "/tmp" }))).status).toBe(400);
    expect((await answerTo(world, device, stop("bare-end", { name: "nobody" }, { stop_time: Date.now() }))).status).toBe(501);
  });

  test("another device, model or hardware is told so", async () => {
    const device = await started(world);
    const asked = [
      commandOf("not-id", "restart", { device: { device_id: "urn:dev:ops:32473-other" } }),
      commandOf("not-vendor", "restart", { "x-iot:model": { vendor: "otherMaker" } }),
      commandOf("not-model", "query", { "x-iot:model": { name: "otherModel" } }),
      commandOf("not-hardware", "restart", { "x-iot:model": { hardware: ["r9"] } }),
    ];
    for (const command of asked) expect((await answerTo(world, device, command)).status).toBe(404);
    expect(device.state().boot).toBe(1);
  });
});

test.skipIf(!hasProc)(`6 All members: a process that differs in one of them runs on${skipReason}`, async () => {
  const device = await started(world);
  const path = children.executable("namesake");
  const pid = await children.start(path);
  const differing = [
    { executable: { hashes: { sha256: "00".repeat(32) } } },
    { cwd: "/nowhere" },
    { parent: { pid: 1 } },
    { command_line: path },
  ];
  for (const [index, member] of differing.entries()) {
    const { results } = await answerTo(world, device, stopOf(`differs-${index}`, { name: "namesake", ...member }));
    expect(results?.["x-iot"]?.stopped).toBe(0);
  }
  expect(children.isRunning(pid)).toBe(true);
});

describe("7 Itself", () => {
  test("what it needs to receive commands runs on, and so does all else that matches", async () => {
    // Not of this machine: were the rule broken, this test would end what runs it.
    const table = new Table({ pid: 100, name: "edict" }, { pid: 101, name: "supervisor" });
    const device = await started(world, {}, table);
    for (const name of ["edict", "supervisor", "init"]) {
      const { status, status_text } = await answerTo(world, device, stopOf(`itself-${name}`, { name }));
      expect([status, status_text]).toEqual([403, expect.stringContaining("ERR_AGENT_PROTECTED")]);
    }
    expect(table.ended).toEqual([]);
    const error = "ERR_AGENT_PROTECTED";
    expect(device.state().lastCommand).toEqual({ command_id: "itself-init", action: "stop", state: "failed", error });
  });

  test.skipIf(!hasProc)(`also by its real pid${skipReason}`, async () => {
    const device = await started(world);
    expect((await answerTo(world, device, stopOf("itself", { pid: process.pid }))).status).toBe(403);
  });
});

test("8 none: the same checks, and not a byte of response", async () => {
  const device = await started(world);
  const none = { asked: "none" } as const;
  const orders: readonly (readonly [Command, string | undefined])[] = [
    [stopOf("n-stop", { name: "nobody" }, none), undefined],
    [stopOf("n-protected", { pid: process.pid }, none), "ERR_AGENT_PROTECTED"],
    [restartOf("n-expired", { ...none, iot: { not_after: 1 } }), "ERR_TRUST_EXPIRED"],
    [commandOf("n-other", "restart", { "x-iot:model": { name: "otherModel" } }, none), "ERR_AGENT_NOT_MINE"],
    [commandOf("n-query", "query", { process: { name: "nobody" } }, none), undefined],
  ];
  for (const [command] of orders) await world.order(command);
  await device.saw((event) => event.kind === "refused" && event.reason === "ERR_AGENT_NOT_MINE");
  await until("the stops", () => device.state().housekeeping === undefined);
  const states = device.events.flatMap((event) =>
    event.kind === "housekeeping" && event.state !== "queued" ? [`${event.commandId} ${event.error ?? event.state}`] : [],
  );
  expect(states).toContain("n-stop done");
  expect(states).toContain("n-protected ERR_AGENT_PROTECTED");
  const refused = device.events.flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
  expect(refused).toEqual(["ERR_TRUST_EXPIRED", "ERR_AGENT_NOT_MINE"]);
  await roundTrip(world, device, "n-trip");
  expect(answersOf(world, device).map(({ requestId }) => requestId)).toEqual(["n-trip"]);
});

test("9 Once: a restart that is delivered again and again, before and after it, is one restart", async () => {
  const device = await started(world);
  const restart = restartOf("once");
  await answerTo(world, device, restart);
  for (let turn = 0; turn < 3; turn += 1) await world.order(restart);
  await roundTrip(world, device, "once-trip");
  expect(device.state()).toMatchObject({ boot: 2 });
  expect(answersOf(world, device).filter(({ requestId }) => requestId === "once")).toHaveLength(1);
});

describe("10 Expiry and spread", () => {
  test("the start is the instant that the device and the command give", async () => {
    const device = await started(world);
    const startAtMs = Date.now() + 300_000;
    await world.order(restartOf("spread", { args: { start_time: startAtMs }, iot: { spread: 100_000 } }));
    const [job] = await until("the job", () => device.state().housekeeping);
    expect(job?.startAtMs).toBe(startTimeMs(startAtMs, device.id, "spread", 100_000));
    expect(job?.startAtMs).toBeGreaterThan(startAtMs);
  });

  test("a command whose time is over is refused, and one whose time ends while it waits is not begun", async () => {
    const device = await started(world);
    await world.order(restartOf("late", { iot: { not_after: Date.now() - 1 } }));
    await device.saw((event) => event.kind === "refused" && event.reason === "ERR_TRUST_EXPIRED");
    const endMs = Date.now() + 300_000;
    await world.order(restartOf("ends", { args: { start_time: endMs }, iot: { not_after: endMs } }));
    await until("the job", () => device.state().housekeeping);
    await device.stop();
    void device.start(undefined, 400_000);
    await until("the answer", () => answersOf(world, device).length > 0);
    const last = { command_id: "ends", action: "restart", state: "failed", error: "ERR_TRUST_EXPIRED" };
    expect(answersOf(world, device)).toMatchObject([{ response: { status: 403, results: { "x-iot": { last_command: last } } } }]);
    expect(device.state().boot).toBe(2);
  });
});

describe("11 Cancel", () => {
  test("what waits is dropped, whoever asks hears it, and it does not come back", async () => {
    const device = await started(world);
    const waiting = restartOf("dropped", { args: { start_time: Date.now() + 300_000 } });
    await world.order(waiting);
    await until("the job", () => device.state().housekeeping);
    expect(await answerTo(world, device, cancelOf("dropped-x", "dropped"))).toEqual({ status: 200 });
    expect(device.state()).toMatchObject({ lastCommand: { command_id: "dropped", action: "restart", state: "cancelled" }, boot: 1 });
    expect(device.state().housekeeping).toBeUndefined();
    await world.order({ ...waiting, args: { ...waiting.args, start_time: 0 } });
    await roundTrip(world, device, "dropped-trip");
    expect(device.state().boot).toBe(1);
  });

  test("a cancel that comes first is answered 404, and the command that comes after it does nothing", async () => {
    const device = await started(world);
    expect((await answerTo(world, device, cancelOf("first-x", "first"))).status).toBe(404);
    await world.order(restartOf("first"));
    await roundTrip(world, device, "first-trip");
    expect(device.state()).toMatchObject({ boot: 1, seen: ["first", "first-x"].toReversed() });
  });

  test("what has begun is not called off", async () => {
    const device = await started(world, { restartCommand: ["sleep", "600"] });
    await world.order(restartOf("begun"));
    await device.saw((event) => event.kind === "housekeeping" && event.state === "running");
    expect((await answerTo(world, device, cancelOf("begun-x", "begun"))).status).toBe(404);
    const { status } = await answerTo(world, device, stopOf("begun-stop", { name: "nobody" }));
    expect(status).toBe(503);
    // Busy is not for good: it may come again.
    expect(device.state().seen).not.toContain("begun-stop");
  });
});

test("12 Unkept: what it cannot keep is 501", async () => {
  const device = await started(world);
  expect((await answerTo(world, device, commandOf("hostname", "restart", { device: { hostname: "cam-1" } }))).status).toBe(501);
  const both = { device: { device_id: device.id, hostname: "cam-1" } };
  expect((await answerTo(world, device, commandOf("hostname-too", "restart", both))).status).toBe(501);
  expect(device.state().boot).toBe(1);
});
