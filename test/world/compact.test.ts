/** The compact model of a device against the agent itself: the same inputs leave the same state, whatever becomes of the update. */
import { describe, expect, test } from "bun:test";
import { MODEL } from "../../lab/world/catalogue.ts";
import { emergency, type Faults, NO_FAULTS, type Patch } from "../../lab/world/settings.ts";
import { World } from "../../lab/world/world.ts";

const DEVICES = 60;

interface Kept {
  readonly boot: number;
  readonly active: string;
  readonly seen: readonly string[];
  readonly lastUpdate: unknown;
  readonly hasJob: boolean;
  readonly slots: readonly number[];
  readonly fate: string;
}

async function statesOf(patch: Patch, faults: Partial<Faults>, agents: number): Promise<readonly Kept[]> {
  const halt = { failed_share_max: 1, missing_share_max: 1 };
  const world = await World.make({ ...emergency(5, DEVICES, patch), agents, halt, faults: { ...NO_FAULTS, ...faults } });
  await world.run();
  return Array.from({ length: DEVICES }, (_, ordinal) => (agents > 0 ? keptByAgent(world, ordinal) : keptByModel(world, ordinal)));
}

function keptByAgent({ agents, truth }: World, ordinal: number): Kept {
  const { boot, active, seen, lastUpdate, job } = agents.state(ordinal);
  const slots = [agents.image(ordinal, "a"), agents.image(ordinal, "b")];
  return { boot, active, seen: seen.toSorted(), lastUpdate, hasJob: job !== undefined, slots, fate: truth.fate(ordinal) };
}

function keptByModel({ compact, truth }: World, ordinal: number): Kept {
  const { columns: c, memory } = compact;
  return {
    boot: c.boot[ordinal] ?? 0,
    active: c.active[ordinal] === 0 ? "a" : "b",
    seen: memory.seenIds(ordinal).toSorted(),
    lastUpdate: memory.lastUpdate(ordinal),
    hasJob: (c.job[ordinal] ?? 0) > 0,
    slots: [c.slotA[ordinal] ?? 0, c.slotB[ordinal] ?? 0],
    fate: truth.fate(ordinal),
  };
}

describe("a compact device ends as the agent does", () => {
  test.each([
    ["when the patch is good", { harm: "none", share: 0 }, {}],
    ["when the patch is not well on some", { harm: "fails", share: 0.5 }, {}],
    ["when the patch bricks some", { harm: "bricks", share: 0.3 }, {}],
    ["when flash is flaky and bytes are altered on the way", { harm: "none", share: 0 }, { flakyFlash: 0.3, badDownloads: 0.4 }],
    ["when clocks are wrong", { harm: "none", share: 0 }, { wrongClocks: 0.8 }],
    ["when a gateway forges, replays and widens", { harm: "none", share: 0 }, { evilGateway: true }],
  ] as const)("%s", async (_, patch, faults) => {
    const [model, agent] = [await statesOf(patch, faults, 0), await statesOf(patch, faults, DEVICES)];
    expect(model).toEqual(agent);
    expect(new Set(agent.map(({ fate }) => fate)).size, MODEL).toBeGreaterThan(1);
  });
});

test("without faults everybody is updated, and every verdict says so", async () => {
  const world = await World.make({ ...emergency(1, 5_000, { harm: "none", share: 0 }), agents: 0 });
  const { campaign, verdicts } = await world.run();
  expect(verdicts.filter(({ verdict }) => verdict === "verified")).toHaveLength(campaign.targeted);
});
