/** Commands that must have no effect, each over a real channel to a real device: slots, version and job stay as they were. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AgentEvent } from "../../src/agent/index.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import type { TestDevice } from "./test-device.ts";
import { AgentWorld } from "./world.ts";

let world: AgentWorld;
beforeAll(async () => {
  world = await AgentWorld.make();
});
afterAll(() => world.end());

/** A device of its own for each case, so that one case's memory is not another's. */
async function started(change: Parameters<AgentWorld["device"]>[0] = {}): Promise<TestDevice> {
  for (const device of world.devices) await device.stop();
  const device = await world.device(change);
  void device.start();
  await device.saw((event) => event.kind === "connected");
  return device;
}

const refusedWith = (reason: string) => (event: AgentEvent) => event.kind === "refused" && event.reason === reason;
const failedWith = (error: string) => (event: AgentEvent) => event.kind === "update" && event.error === error;

function expectUntouched(device: TestDevice): void {
  const { active, trial, job, boot } = device.state();
  expect({ active, trial, job, boot }).toEqual({ active: "a", trial: undefined, job: undefined, boot: 1 });
}

/** What came up after the check-in: nothing may, for a command that asks for no response. */
function answersOf(device: TestDevice): readonly object[] {
  const ordinal = world.manager.ids.indexOf(device.id);
  return world.manager.reports.filter(
    (report) => (report.kind === "response" || report.kind === "unasked-bytes") && report.ordinal === ordinal,
  );
}

test("a command with one signature", async () => {
  const device = await started();
  await world.order(world.update("one-signature"), [world.people[0]]);
  await device.saw(refusedWith("ERR_TRUST_THRESHOLD"));
  expectUntouched(device);
  expect(device.state().seen).toEqual([]);
});

test("a command signed by a stranger and by one of ours", async () => {
  const device = await started();
  await world.order(world.update("stranger"), [world.people[0], await generateSigner("approver")]);
  await device.saw(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
  expectUntouched(device);
});

test("a command whose time is over", async () => {
  const device = await started();
  await world.order(world.update("expired", { notAfterMs: Date.now() - 1 }));
  await device.saw(refusedWith("ERR_TRUST_EXPIRED"));
  expectUntouched(device);
});

test.each([
  ["another model", { name: "otherModel" }, {}, "ERR_AGENT_NOT_MINE"],
  ["other hardware", {}, { hardware: ["r9"] }, "ERR_AGENT_HARDWARE"],
  ["another old version", {}, { old_version: "9.9.9" }, "ERR_AGENT_VERSION"],
  ["a source that this device does not know", {}, { source: "https://evil.example/patch.bin" }, "ERR_DEPOT_SOURCE_HOST"],
  ["a manifest that it does not check", {}, { manifest: { payload: { bin: "2GuiAlhL" } } }, "ERR_AGENT_UNSUPPORTED"],
  ["a source at an address", {}, { source: "https://169.254.169.254/patch.bin" }, "ERR_DEPOT_SOURCE_ADDRESS"],
] as const)("a command for %s", async (what, change, software, code) => {
  const device = await started(change);
  await world.order(world.update(what.replaceAll(" ", "-").slice(0, 30), { software }));
  await device.saw(refusedWith(code));
  expectUntouched(device);
  expect(answersOf(device)).toEqual([]);
  // Silent now, but whoever asks later learns why.
  expect(device.state().lastUpdate).toMatchObject({ state: "failed", error: code });
});

test("a command of a profile that the device can read but does not have", async () => {
  const device = await started();
  await world.order({ action: "query", target: { features: ["profiles"] }, command_id: "what", args: { response_requested: "complete" } });
  const args = { response_requested: "complete", slpf: { drop_process: "none" } } as const;
  await world.order({ action: "deny", target: { ipv4_net: "192.0.2.0/24" }, command_id: "deny", args });
  await device.saw(refusedWith("ERR_AGENT_UNSUPPORTED"));
  while (answersOf(device).length < 2) await Bun.sleep(20);
  expect(answersOf(device)).toMatchObject([
    { requestId: "what", response: { status: 200, results: { profiles: ["x-swup", "x-iot"] } } },
    { requestId: "deny", response: { status: 501 } },
  ]);
});

test("a digest that the manufacturer never published", async () => {
  const device = await started();
  await world.order(world.update("wrong-digest", { software: { hashes: { sha256: "AB".repeat(32) } } }));
  await device.saw(failedWith("ERR_AGENT_DISAGREE"));
  expectUntouched(device);
  expect(answersOf(device)).toEqual([]);
});

test("a release older than what the device has run (rollback)", async () => {
  const device = await started({ counter: 7 });
  await world.order(world.update("rollback"));
  await device.saw(failedWith("ERR_AGENT_COUNTER"));
  expectUntouched(device);
});

test("a release that is not made to be installed over what the device runs (wrong software)", async () => {
  const device = await started();
  const release = await world.publish("5.0.0", 5, new Uint8Array([5]), { precursors: [world.release.sha256] });
  const software = { new_version: release.version, size: release.size, hashes: { sha256: release.sha256 } };
  await world.order(world.update("wrong-precursor", { software }));
  await device.saw(failedWith("ERR_AGENT_PRECURSOR"));
  expectUntouched(device);
});

test("the same command again, after the device has updated", async () => {
  const device = await started();
  const command = world.update("replayed");
  await world.order(command);
  await device.saw((event) => event.kind === "booted" && event.version === "2.3.4");
  await device.saw((event) => event.kind === "connected");
  const before = device.state();
  await world.order(command);
  await world.order({ action: "query", target: { features: [] }, command_id: "after-replay", args: { response_requested: "complete" } });
  const hasAnswered = () => answersOf(device).some((report) => "requestId" in report && report.requestId === "after-replay");
  while (!hasAnswered()) await Bun.sleep(20);
  expect(device.state()).toEqual({ ...before });
});

test("the same command again, after the device has rolled it back", async () => {
  const device = await started({ healthCommand: ["false"] });
  const command = world.update("replayed-bad");
  await world.order(command);
  await device.saw((event) => event.kind === "booted" && event.boot > 1);
  await device.saw((event) => event.kind === "connected");
  const before = device.state();
  expect(before.lastUpdate?.state).toBe("rolled_back");
  await world.order(command);
  await world.order({ action: "query", target: { features: [] }, command_id: "after-bad", args: { response_requested: "complete" } });
  const hasAnswered = () => answersOf(device).some((report) => "requestId" in report && report.requestId === "after-bad");
  while (!hasAnswered()) await Bun.sleep(20);
  expect(device.state()).toEqual(before);
});

test("an image that fails its health check comes up once and is rolled back by itself", async () => {
  const device = await started({ healthCommand: ["false"] });
  await world.order(world.update("unhealthy"));
  await device.saw((event) => event.kind === "booted" && event.boot > 1);
  const { active, trial, lastUpdate } = device.state();
  expect({ active, trial, lastUpdate }).toEqual({
    active: "a",
    trial: undefined,
    lastUpdate: { command_id: "unhealthy", new_version: "2.3.4", state: "rolled_back", error: "ERR_AGENT_HEALTH" },
  });
});

test("a command that asks for a response is answered after the reboot, with what the device runs then", async () => {
  const device = await started();
  await world.order(world.update("answered", { args: { response_requested: "complete" } }));
  const answer = () => answersOf(device).find((report) => "requestId" in report && report.requestId === "answered");
  while (answer() === undefined) await Bun.sleep(20);
  expect(answer()).toMatchObject({
    response: {
      status: 200,
      results: { "x-swup": { software: { version: "2.3.4" }, last_update: { command_id: "answered", state: "done" } } },
    },
  });
});

test("a cancel signed by one person calls off an update that waits for its slot, and keeps it off", async () => {
  const device = await started();
  const waiting = world.update("called-off");
  await world.order({ ...waiting, args: { ...waiting.args, start_time: Date.now() + 300_000 } });
  await device.saw((event) => event.kind === "update" && event.state === "queued");
  await world.stop("called-off");
  while (device.state().job !== undefined) await Bun.sleep(20);
  expect(device.state().lastUpdate).toMatchObject({ command_id: "called-off", state: "cancelled" });
  expectUntouched(device);
});
