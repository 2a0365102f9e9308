/**
 * Abuse case 7, with the manager in an attacker's hands: orders of one tenant in the log of another. The gateway refuses them by itself,
 * and a device does even when the gateway is the attacker's too.
 */
import "reflect-metadata";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Gateway } from "../../../src/channel/gateway/index.ts";
import type { AgentEvent } from "../../../src/agent/index.ts";
import { AgentWorld } from "../../agent/world.ts";
import { TestManager } from "../../channel/manager.ts";
import { directorBytes, makeParty, mapBytes, type Party } from "../../trust/people.ts";

describe("a gateway that is given another tenant's orders", () => {
  let neighbour: TestManager;
  let manager: TestManager;
  let gateway: Gateway;

  beforeAll(async () => {
    neighbour = await TestManager.create();
    manager = await TestManager.create();
    gateway = await manager.start();
  });
  afterAll(() => manager.stop());

  test("sends nothing, holds nothing, denies nobody, and says so", async () => {
    // The same ordinals, so the same cohort: only who signed it differs.
    const device = await manager.stand(7);
    await manager.checkedIn(1);
    await neighbour.send({ targets: [7] });
    await neighbour.hold("stop");
    await neighbour.hold("resume");
    await neighbour.deny(1, [7]);
    manager.orders.push(...neighbour.orders);
    manager.backplane.nudge();
    await manager.until(() => manager.of("order-refused").length === neighbour.orders.length);
    expect(manager.of("order-refused").map(({ code }) => code)).toEqual(neighbour.orders.map(() => "ERR_TRUST_UNKNOWN_KEY"));
    expect(gateway.stats()).toMatchObject({ sent: 0, denied: 0, stops: 0, channels: 1 });
    const own = await manager.send({ targets: [7] });
    await device.received(1);
    expect(device.messages).toEqual([new TextDecoder().decode(own.frame)]);
  }, 30_000);
});

describe("a device whose gateway obeys another tenant", () => {
  let world: AgentWorld;
  let strangers: Party;
  beforeEach(async () => {
    world = await AgentWorld.make("b.example");
    strangers = await makeParty("a.example");
  });
  afterEach(() => world.end());

  const refusedWith = (reason: string) => (event: AgentEvent) => event.kind === "refused" && event.reason === reason;

  test("obeys none of its people's commands, and still those of its own", async () => {
    const device = await world.device();
    void device.start();
    await device.saw((event) => event.kind === "connected");
    const own = world.people;
    await world.goOverTo(strangers);
    await world.order(world.update("theirs"), [strangers.author, strangers.approver]);
    await device.saw(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
    expect(device.state()).toMatchObject({ active: "a", boot: 1, seen: [] });
    expect(device.state().job).toBeUndefined();
    // One of each is not two of either.
    await world.order(world.update("half-theirs"), [own[0], strangers.approver]);
    await world.order(world.update("ours"), own);
    await device.saw((event) => event.kind === "booted" && event.version === "2.3.4");
    expect(device.state().lastUpdate?.command_id).toBe("ours");
  }, 60_000);

  test("takes none of its documents of trust", async () => {
    const device = await world.device();
    void device.start();
    await device.saw((event) => event.kind === "connected");
    world.announce(await directorBytes(strangers, { version: 2 }));
    await device.saw(refusedWith("ERR_TRUST_SCOPE"));
    world.announce(await mapBytes(strangers, { version: 2 }));
    await device.saw(refusedWith("ERR_TRUST_THRESHOLD"));
    expect(device.events.some(({ kind }) => kind === "trust")).toBe(false);
  }, 60_000);

  test("takes no director of theirs under the name of its own", async () => {
    const device = await world.device();
    void device.start();
    await device.saw((event) => event.kind === "connected");
    const disguised = { ...strangers, name: "b.example" };
    // The gateway believes it, so that only the device can refuse.
    await world.goOverTo(disguised);
    world.announce(await directorBytes(disguised, { version: 2 }));
    await device.saw(refusedWith("ERR_TRUST_THRESHOLD"));
    expect(world.manager.reports.filter(({ kind }) => kind === "order-refused")).toEqual([]);
    expect(device.events.some(({ kind }) => kind === "trust")).toBe(false);
  }, 60_000);
});
