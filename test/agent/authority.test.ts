/** Rotation and handover as devices live them, over real channels: who has the say, and from which moment on. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AgentEvent } from "../../src/agent/index.ts";
import { type Command, encodeRequest } from "../../src/openc2/index.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import { ANYWHERE, directorBytes, directorOf, makeParty, mapBytes, type Party } from "../trust/people.ts";
import type { TestDevice } from "./test-device.ts";
import { AgentWorld } from "./world.ts";

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.make();
});
afterEach(() => world.end());

async function started(): Promise<TestDevice> {
  const device = await world.device();
  void device.start();
  await device.saw((event) => event.kind === "connected");
  return device;
}

const refusedWith = (reason: string) => (event: AgentEvent) => event.kind === "refused" && event.reason === reason;
const believes = (version: number) => (event: AgentEvent) => event.kind === "trust" && Object.values(event.directors).includes(version);
const hasMap = (version: number) => (event: AgentEvent) => event.kind === "trust" && event.map === version;
const isUpdated = (event: AgentEvent) => event.kind === "booted" && event.version === "2.3.4";

/** The party with a new author, and the document that says so. */
async function rotated(party: Party, version: number): Promise<{ party: Party; document: Uint8Array }> {
  const next = { ...party, author: await generateSigner(party.author.person) };
  return { party: next, document: await directorBytes(next, { version }) };
}

async function handover(to: Party): Promise<Uint8Array> {
  return mapBytes(world.party, { version: 2, appointments: [{ director: await directorOf(to), scopes: [ANYWHERE] }] });
}

describe("rotation", () => {
  test("reaches a device on its standing channel; the old key has no say from then on, the new one has", async () => {
    const device = await started();
    const [oldAuthor, approver] = world.people;
    const next = await rotated(world.party, 2);
    world.announce(next.document);
    await device.saw(believes(2));
    // The gateway follows too: the permit needs the new people, the command is the old ones'.
    world.people = [next.party.author, approver];
    await world.order(world.update("old-key"), [oldAuthor, approver]);
    await device.saw(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
    await world.order(world.update("new-key"));
    await device.saw(isUpdated);
    expect(device.state().lastUpdate?.command_id).toBe("new-key");
  });

  test("reaches a device that was away, every version in its order, before any command", async () => {
    const device = await world.device();
    const second = await rotated(world.party, 2);
    const third = await rotated(second.party, 3);
    world.announce(second.document);
    world.announce(third.document);
    world.people = [third.party.author, third.party.approver];
    await world.order(world.update("while-away"));
    void device.start();
    await device.saw(isUpdated);
    expect(device.events.filter(({ kind }) => kind === "trust")).toEqual([
      { kind: "trust", map: 1, directors: { "isp.example": 2 } },
      { kind: "trust", map: 1, directors: { "isp.example": 3 } },
    ]);
    expect(device.events.some(({ kind }) => kind === "refused")).toBe(false);
  });

  test("a gateway in an attacker's hands that brings an old root, or one that skips a version, changes nothing", async () => {
    const device = await started();
    world.announce((await rotated(world.party, 2)).document);
    await device.saw(believes(2));
    world.announce(await directorBytes(world.party));
    await device.saw(refusedWith("ERR_TRUST_ROLLBACK"));
    await device.stop();
    void device.start();
    await device.saw((event) => event.kind === "booted" && event.boot === 2);
    world.announce(await directorBytes({ ...world.party, name: "stranger.example" }, { version: 2 }));
    await device.saw(refusedWith("ERR_TRUST_SCOPE"));
  });

  test("a campaign whose signer was revoked is not sent any more, also not to those who return", async () => {
    const device = await world.device();
    await world.order(world.update("approved-by-a-thief"));
    world.announce((await rotated(world.party, 2)).document);
    void device.start();
    await device.saw(believes(2));
    while (!world.manager.reports.some((report) => report.kind === "order-refused" && report.code === "ERR_TRUST_UNKNOWN_KEY"))
      await Bun.sleep(20);
    expect(device.events.some(({ kind }) => kind === "update")).toBe(false);
  });
});

test("what a thief has ordered can still be called off after his key was revoked", async () => {
  const device = await started();
  const waiting = world.update("thief");
  await world.order({ ...waiting, args: { ...waiting.args, start_time: Date.now() + 300_000 } });
  await device.saw((event) => event.kind === "update" && event.state === "queued");
  const next = await rotated(world.party, 2);
  world.announce(next.document);
  await device.saw(believes(2));
  // Under the thief's own permit: the approver alone signs the cancel.
  await world.callOff("thief", next.party.approver);
  while (device.state().lastUpdate?.state !== "cancelled") await Bun.sleep(20);
  expect(device.state().active).toBe("a");
});

describe("the use case's two scenarios", () => {
  test("ISP and manufacturer order the same update with the same bytes", async () => {
    // One release, whoever orders it.
    const makerWorld = await AgentWorld.make("famousMaker.example", world.image);
    try {
      const command: Command = world.update("wc17_9674309");
      const message = encodeRequest({ created: Date.now(), from: "whoever has authority" }, command);
      for (const scenario of [world, makerWorld]) {
        const device = await scenario.device();
        void device.start();
        await device.saw((event) => event.kind === "connected");
        await scenario.orderMessage(message, { command });
        await device.saw(isUpdated);
        // Silence: not a byte came up in answer.
        expect(scenario.manager.reports.some(({ kind }) => kind === "response" || kind === "unasked-bytes")).toBe(false);
      }
    } finally {
      await makerWorld.end();
    }
  });
});

describe("handover", () => {
  test("after it the old director's commands have no effect, and the new one's have", async () => {
    const device = await started();
    const maker = await makeParty("famousMaker.example");
    world.announce(await handover(maker));
    await device.saw(hasMap(2));
    await world.order(world.update("old-director"));
    await device.saw(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
    expect(device.state()).toMatchObject({ active: "a", boot: 1, seen: [] });
    await world.goOverTo(maker);
    await world.order(world.update("new-director"));
    await device.saw(isUpdated);
    expect(device.state().lastUpdate?.command_id).toBe("new-director");
  });

  test("an update that waits for its start falls with the director who ordered it", async () => {
    const device = await started();
    const waiting = world.update("waiting");
    await world.order({ ...waiting, args: { ...waiting.args, start_time: Date.now() + 1_500 } });
    await device.saw((event) => event.kind === "update" && event.state === "queued");
    world.announce(await handover(await makeParty("famousMaker.example")));
    await device.saw((event) => event.kind === "update" && event.error === "ERR_TRUST_UNKNOWN_KEY");
    expect(device.state()).toMatchObject({ active: "a", boot: 1 });
    expect(device.state().job).toBeUndefined();
  });
});
