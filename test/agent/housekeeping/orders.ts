/** Commands of x-iot to one real device over its real channel, and what it says of them. */
import { expect } from "bun:test";
import type { Processes } from "../../../src/agent/processes/port.ts";
import type { Command, Response, XIotArgs } from "../../../src/openc2/index.ts";
import type { TestDevice } from "../test-device.ts";
import type { AgentWorld } from "../world.ts";

export interface Choice {
  readonly asked?: "none" | "ack" | "complete";
  readonly args?: Command["args"];
  readonly iot?: XIotArgs;
}

/** ms until something that happens at once must have happened, on a slow machine too. */
const PATIENCE_MS = 60_000;

export function commandOf(
  id: string,
  action: Command["action"],
  target: Command["target"],
  { asked = "complete", args, iot }: Choice = {},
): Command {
  const xIot = { not_after: Date.now() + 600_000, ...iot };
  return { action, target, args: { response_requested: asked, ...args, "x-iot": xIot }, command_id: id };
}

export const stopOf = (id: string, process: object, choice?: Choice) => commandOf(id, "stop", { process: { ...process } }, choice);
export const restartOf = (id: string, choice?: Choice) => commandOf(id, "restart", { "x-iot:model": { name: "famousModel" } }, choice);
export const cancelOf = (id: string, cancelled: string, choice?: Choice) => commandOf(id, "cancel", { command: cancelled }, choice);

/** Waits for what is to become true; says what it waited for when it does not. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; await Bun.sleep(20)) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
  }
  throw new Error(`waited for: ${what}`);
}

export function answersOf(world: AgentWorld, device: TestDevice): readonly { readonly requestId: string; readonly response: Response }[] {
  const ordinal = world.manager.ids.indexOf(device.id);
  return world.manager.reports.flatMap((report) =>
    report.kind === "response" && report.ordinal === ordinal ? [{ requestId: report.requestId, response: report.response }] : [],
  );
}

/** Orders it, and gives the one answer that there is. */
export async function answerTo(world: AgentWorld, device: TestDevice, command: Command): Promise<Response> {
  await world.order(command);
  const mine = () => answersOf(world, device).filter(({ requestId }) => requestId === command.command_id);
  await until(`the answer to ${command.command_id}`, () => mine().length > 0);
  expect(mine()).toHaveLength(1);
  return mine()[0]!.response;
}

/** Everything that was ordered before has been heard when this is answered: a device obeys one command after the other. */
export function roundTrip(world: AgentWorld, device: TestDevice, id: string): Promise<Response> {
  return answerTo(world, device, { action: "query", target: { features: [] }, args: { response_requested: "complete" }, command_id: id });
}

export async function started(world: AgentWorld, change?: Parameters<AgentWorld["device"]>[0], processes?: Processes): Promise<TestDevice> {
  for (const device of world.devices) await device.stop();
  const device = await world.device(change);
  void device.start(undefined, 0, processes);
  await device.saw(({ kind }) => kind === "connected");
  return device;
}
