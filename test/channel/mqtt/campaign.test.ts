/** A campaign through a broker, from two signatures to the last device: manager, gateway, broker, depot and agents are real. */
import { afterEach, beforeEach, expect } from "bun:test";
import { hasMosquitto, TestBroker, through } from "./broker.ts";
import { CAMPAIGN, CampaignWorld } from "./campaign-world.ts";

let broker: TestBroker;
let world: CampaignWorld;

beforeEach(async () => {
  if (!hasMosquitto) return;
  broker = await TestBroker.start();
  world = new CampaignWorld(broker);
});
afterEach(async () => {
  await world?.end();
  await broker?.end();
});

const isUpdated = (version: string) => (events: readonly { kind: string; version?: string }[]) =>
  events.some((event) => event.kind === "booted" && event.version === version);

through(
  "a canary that answers, then a wave without a word: every device runs the new version, and not a byte came up for none",
  async () => {
    await world.start(5);
    for (const agent of world.agents) agent.start();
    await world.evidence.until((items) => items.filter(({ kind }) => kind === "check-in").length >= 5);
    await world.campaign();
    await Promise.all(world.agents.map(({ events }) => events.until(isUpdated("2.3.4"))));
    await world.evidence.until(
      (items) =>
        new Set(items.flatMap((item) => ("software" in item && item.software?.version === "2.3.4" ? [item.ordinal] : []))).size === 5,
    );
    await world.isDone();
    const canaries = world.sent(`${CAMPAIGN}-c`);
    expect(canaries.length).toBe(1);
    expect([...canaries, ...world.sent(CAMPAIGN)].toSorted()).toEqual(world.agents.map(({ id }) => id));
    const { items } = world.evidence;
    const answers = items.flatMap((item) => (item.kind === "response" ? [item.requestId] : []));
    expect(answers).toEqual([`${CAMPAIGN}-c`]);
    expect(items.filter(({ kind }) => kind === "unasked")).toEqual([]);
  },
  60_000,
);

through(
  "a device that was away when its wave went out gets the command when it returns, once",
  async () => {
    await world.start(3);
    const [first, second, away] = world.agents;
    first?.start();
    second?.start();
    await world.evidence.until((items) => items.filter(({ kind }) => kind === "check-in").length >= 2);
    await world.campaign({ canaryCount: 3 });
    await Promise.all([first, second].map((agent) => agent?.events.until(isUpdated("2.3.4"))));
    expect(world.sent(`${CAMPAIGN}-c`)).not.toContain(away?.id ?? "");
    away?.start();
    await away?.events.until(isUpdated("2.3.4"));
    await world.isDone();
    expect(world.sent(`${CAMPAIGN}-c`).toSorted()).toEqual(world.agents.map(({ id }) => id));
  },
  60_000,
);

through(
  "a gateway that starts anew knows its devices from the broker, and sends to nobody twice",
  async () => {
    await world.start(2);
    for (const agent of world.agents) agent.start();
    await world.evidence.until((items) => items.filter(({ kind }) => kind === "check-in").length >= 2);
    await world.closeGateway();
    await world.campaign({ canaryCount: 2 });
    await world.openGateway();
    await Promise.all(world.agents.map(({ events }) => events.until(isUpdated("2.3.4"))));
    await world.isDone();
    const sentMarks = world.evidence.items.filter(({ kind }) => kind === "sent");
    expect(sentMarks.length).toBe(2);
  },
  60_000,
);

through(
  "attack: a broker's client that forges a command, an answer or a check-in commands nobody and is believed only about itself",
  async () => {
    await world.start(2);
    const [victim] = world.agents;
    victim?.start();
    await world.evidence.until((items) => items.some(({ kind }) => kind === "check-in"));
    // As good as the broker itself: it may publish anywhere.
    const intruder = await broker.raw("isp");
    const forged = JSON.stringify({ payload: "e30", signatures: [{ protected: "e30", signature: "AA" }] });
    const properties = {
      contentType: "application/jose+json",
      payloadFormatIndicator: true,
      userProperties: { msgType: "req", encoding: "json" },
    };
    await intruder.publishAsync(`oc2/cmd/device/${victim?.id}`, forged, { qos: 1, properties });
    await intruder.publishAsync(`oc2/cmd/device/${victim?.id}`, "garbage", { qos: 1, properties });
    const refusals = await victim?.events.until((events) => events.filter(({ kind }) => kind === "refused").length === 2);
    expect(refusals?.flatMap((event) => (event.kind === "refused" ? [event.reason] : []))).toEqual([
      "ERR_TRUST_FORMAT",
      "ERR_TRUST_FORMAT",
    ]);
    await intruder.endAsync();
    // A device is kept to its own topic by the access list.
    const neighbour = await broker.raw("32473-cam-1");
    const spoofed = neighbour.publishAsync(`oc2/rsp/gateway-1/${victim?.id}`, "{}", { qos: 1 });
    expect(await spoofed.catch((error: unknown) => error)).toMatchObject({ code: 0x87 });
    await neighbour.endAsync();
  },
  60_000,
);
