/** The compact model of a device against the agent itself: the same inputs leave the same state, whatever becomes of the update. */
import { describe, expect, test } from "bun:test";
import { MODEL } from "../../lab/world/catalogue.ts";
import { signedBy } from "../../lab/world/people.ts";
import {
  emergency,
  type Faults,
  HOUR_MS,
  MINUTE_MS,
  NO_FAULTS,
  type Patch,
  type Settings,
  type SimProcess,
} from "../../lab/world/settings.ts";
import { World } from "../../lab/world/world.ts";
import { type Command, encodeRequest } from "../../src/openc2/index.ts";

const DEVICES = 60;

interface Kept {
  readonly boot: number;
  readonly active: string;
  readonly seen: readonly string[];
  readonly lastUpdate: unknown;
  readonly lastCommand: unknown;
  readonly running: readonly string[];
  readonly hasJob: boolean;
  readonly slots: readonly number[];
  readonly fate: string;
}

const HEALTHY: Patch = { harm: "none", share: 0 };

async function statesOf(patch: Patch, faults: Partial<Faults>, agents: number): Promise<readonly Kept[]> {
  return keptIn({ ...emergency(5, DEVICES, patch), faults: { ...NO_FAULTS, ...faults } }, agents);
}

async function keptIn(settings: Settings, agents: number, script: (world: World) => void = () => {}): Promise<readonly Kept[]> {
  const halt = { failed_share_max: 1, missing_share_max: 1 };
  const world = await World.make({ ...settings, agents, halt }, { script });
  await world.run();
  return Array.from({ length: settings.devices }, (_, ordinal) => (agents > 0 ? keptByAgent(world, ordinal) : keptByModel(world, ordinal)));
}

function keptByAgent(world: World, ordinal: number): Kept {
  const { agents, truth } = world;
  const { boot, active, seen, lastUpdate, lastCommand, job, housekeeping } = agents.state(ordinal);
  return {
    boot,
    active,
    seen: seen.toSorted(),
    lastUpdate,
    lastCommand,
    running: runningIn(world, ordinal),
    hasJob: job !== undefined || housekeeping !== undefined,
    slots: [agents.image(ordinal, "a"), agents.image(ordinal, "b")],
    fate: truth.fate(ordinal),
  };
}

function runningIn({ settings, truth }: World, ordinal: number): readonly string[] {
  return (settings.processes ?? []).map(({ name }) => name).filter((name) => truth.isRunning(ordinal, name));
}

function keptByModel(world: World, ordinal: number): Kept {
  const { compact, truth } = world;
  const { columns: c, memory } = compact;
  return {
    boot: c.boot[ordinal] ?? 0,
    active: c.active[ordinal] === 0 ? "a" : "b",
    seen: memory.seenIds(ordinal).toSorted(),
    lastUpdate: memory.lastUpdate(ordinal),
    lastCommand: memory.lastCommand(ordinal),
    running: runningIn(world, ordinal),
    hasJob: (c.job[ordinal] ?? 0) > 0 || compact.house.jobs(ordinal).length > 0,
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

/** Signed by both, sent down every channel that stands a little after the campaign has begun. */
function ordering(command: Command, afterMs = 2_000): (world: World) => void {
  return (world) => {
    const { time, people, network, frames } = world;
    const send = async () => {
      const args = {
        response_requested: "complete",
        ...command.args,
        "x-iot": { not_after: world.endMs, ...command.args?.["x-iot"] },
      } as const;
      const payload = encodeRequest(
        { created: time.nowMs(), from: "isp.example", request_id: command.command_id ?? "" },
        { ...command, args },
      );
      const frame = frames.of(new TextEncoder().encode(await signedBy(payload, "command", [people.author, people.approver])));
      for (const gateway of network.gateways) for (const channel of gateway.all()) network.deliver(channel, frame);
    };
    time.at(world.beginMs + afterMs, () => {
      time.stir();
      send().catch((error: unknown) => time.fail(error));
    });
  };
}

describe("a compact device stops and restarts as the agent does", () => {
  const FEWER = 30;
  const stop: Command = { action: "stop", target: { process: { name: "dvrHelper" } }, command_id: "stop" };
  const malware: SimProcess = { name: "dvrHelper", share: 0.5 };
  const model = { "x-iot:model": { name: MODEL } };
  test.each([
    ["a process that some run", [malware], stop, false],
    ["a process that comes back", [{ ...malware, returns: "always" }], { ...stop, args: { "x-iot": { spread: MINUTE_MS } } }, true],
    ["a process that comes back until the update", [{ ...malware, returns: "in the old image" }], stop, false],
    ["a process that nobody runs", [], stop, false],
    ["a process that must not be stopped", [malware], { ...stop, target: { process: { name: "init" } } }, true],
    ["a process that the device needs", [{ ...malware, isNeeded: true, returns: "always" }], stop, false],
    ["the device", [malware], { action: "restart", target: model, command_id: "restart", args: { "x-iot": { spread: MINUTE_MS } } }, true],
  ] as readonly (readonly [string, readonly SimProcess[], Command, boolean])[])("%s", async (_, processes, command, runsOn) => {
    const settings = { ...emergency(5, FEWER, HEALTHY), processes };
    const [model, agent] = [await keptIn(settings, 0, ordering(command)), await keptIn(settings, FEWER, ordering(command))];
    expect(model).toEqual(agent);
    expect(agent.some(({ lastCommand }) => lastCommand !== undefined)).toBe(true);
    expect(agent.some(({ running }) => running.length > 0)).toBe(runsOn);
  });

  test("several at once, one of which is called off", async () => {
    const order = (world: World) => {
      const spread = { "x-iot": { spread: 3_000 } };
      const commands: readonly Command[] = [
        { ...stop, args: { start_time: world.beginMs + HOUR_MS / 2 } },
        { ...stop, command_id: "stop-too", target: { process: { name: "nobody" } }, args: spread },
        { action: "cancel", target: { command: "stop" }, command_id: "stop-x" },
        { action: "restart", target: model, command_id: "restart", args: spread },
      ];
      for (const [index, command] of commands.entries()) ordering(command, 1_000 + index * 4_000)(world);
    };
    const settings = { ...emergency(5, FEWER, HEALTHY), processes: [{ ...malware, returns: "always" as const }] };
    const [compact, agent] = [await keptIn(settings, 0, order), await keptIn(settings, FEWER, order)];
    expect(compact).toEqual(agent);
    // Of the other model it is refused; the stop that was called off stopped nobody.
    expect(new Set(agent.map(({ lastCommand }) => JSON.stringify(lastCommand)))).toEqual(
      new Set([
        '{"command_id":"restart","action":"restart","state":"done"}',
        '{"command_id":"restart","action":"restart","state":"failed","error":"ERR_AGENT_NOT_MINE"}',
      ]),
    );
    expect(agent.some(({ running }) => running.length > 0)).toBe(true);
  });
});

test("without faults everybody is updated, and every verdict says so", async () => {
  const world = await World.make({ ...emergency(1, 5_000, { harm: "none", share: 0 }), agents: 0 });
  const { campaign, verdicts } = await world.run();
  expect(verdicts.filter(({ verdict }) => verdict === "verified")).toHaveLength(campaign.targeted);
});
