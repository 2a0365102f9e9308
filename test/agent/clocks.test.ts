/** Devices with wrong clocks: ten years off either way and 400 days ahead. No brick, no downgrade, nothing expired is obeyed. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { AgentEvent } from "../../src/agent/index.ts";
import { directorBytes, YEAR_MS } from "../trust/people.ts";
import type { TestDevice } from "./test-device.ts";
import { AgentWorld } from "./world.ts";

const TEN_YEARS_MS = 10 * YEAR_MS;
const LATER_MS = 400 * 86_400_000;

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.make();
});
afterEach(() => world.end());

async function started(skewMs: number): Promise<TestDevice> {
  const device = await world.device();
  void device.start(undefined, skewMs);
  await device.saw((event) => event.kind === "connected");
  return device;
}

const refusedWith = (reason: string) => (event: AgentEvent) => event.kind === "refused" && event.reason === reason;
const isUpdated = (event: AgentEvent) => event.kind === "booted" && event.version === "2.3.4";

test.each([
  ["ten years", TEN_YEARS_MS],
  ["400 days", LATER_MS],
])("a clock %s ahead: nothing is obeyed, nothing is forgotten, and once it is right the device updates", async (_, skewMs) => {
  const device = await started(skewMs);
  const before = device.state();
  await world.order(world.update("too-late"));
  await device.saw(refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"));
  // Its own clock vouches for nothing: the floor under its time is where it was.
  expect(device.state()).toEqual({ ...before, boot: 1 });
  await device.stop();
  void device.start();
  await device.saw(isUpdated);
});

test("a clock ten years behind: time is not before what was vouched for, so the command counts and an expired one does not", async () => {
  const device = await started(-TEN_YEARS_MS);
  await world.order(world.update("expired", { notAfterMs: device.state().timeFloorMs - 1 }));
  await device.saw(refusedWith("ERR_TRUST_EXPIRED"));
  await world.order(world.update("in-time"));
  await device.saw(isUpdated);
  expect(device.state().timeFloorMs).toBeGreaterThan(Date.now() - 60_000);
});

test("400 days on, after the director has expired: the next version is still believed, and commands count again", async () => {
  const device = await started(LATER_MS);
  await world.order({ action: "query", target: { features: [] }, command_id: "before", args: { response_requested: "complete" } });
  await device.saw(refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"));
  world.announce(await directorBytes(world.party, { version: 2, expiresMs: Date.now() + 2 * YEAR_MS }));
  await device.saw((event) => event.kind === "trust");
  const args = { response_requested: "none", "x-swup": { not_after: Date.now() + 2 * YEAR_MS } } as const;
  await world.order({ ...world.update("after"), args });
  await device.saw((event) => event.kind === "update" && event.commandId === "after" && event.state === "queued");
});

test("a stop is heard whatever the clock says", async () => {
  const device = await started(LATER_MS);
  const args = { response_requested: "none", "x-swup": { not_after: Date.now() + 2 * YEAR_MS } } as const;
  const cancel = { action: "cancel", target: { command: "not-here-yet" }, args, command_id: "call-off" } as const;
  await world.order(cancel, [world.people[0]], "stopping-command");
  await device.saw(refusedWith("ERR_AGENT_CANCELLED"));
  expect(device.state().seen).toEqual(["call-off", "not-here-yet"]);
});
