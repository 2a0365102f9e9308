/**
 * The power is cut at every single thing that a device's disk does while it keeps and carries out a stop or a restart, with what was not
 * synced kept or lost. Whatever the instant: what was ordered is done in the end, a restart never twice, and an answer that is owed comes.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CutDisk, type Leaves, PowerCut } from "../cut-disk.ts";
import { Table } from "../processes/table.ts";
import type { TestDevice } from "../test-device.ts";
import { AgentWorld } from "../world.ts";
import { answersOf, restartOf, stopOf, until } from "./orders.ts";

const ORDERS = [
  ["a stop", (id: string) => stopOf(id, { name: "dvrHelper" }, { iot: { grace: 5 } })],
  ["a restart", (id: string) => restartOf(id)],
] as const;

describe.each(ORDERS)("%s", (what, orderOf) => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await AgentWorld.make();
  });
  afterAll(() => world.end());

  test.each(["kept", "lost"] as const)(
    "wherever the power is cut, what was not synced %s",
    async (leaves) => {
      const id = `${what.at(2)}-${leaves}`;
      const counted = await world.device();
      await world.order(orderOf(`${id}-whole`));
      const counting = new CutDisk(0);
      void counted.start(counting, 0, tableOf());
      await over(counted);
      await counted.stop();
      const steps = counting.steps.length;
      // Boot, acceptance, beginning or end, the answer: four replacements of the state, each a write, two syncs and a rename.
      expect(steps).toBeGreaterThanOrEqual(16);
      const devices: TestDevice[] = [];
      while (devices.length < steps) devices.push(await world.device());
      await world.order(orderOf(id));
      const tables = await Promise.all(devices.map((device, index) => live(device, index + 1, leaves)));
      await until("every answer", () => devices.every((device) => answersOf(world, device).some(({ requestId }) => requestId === id)));
      for (const [index, device] of devices.entries()) checkEnd(device, id, tables[index], `cut at step ${index + 1}`);
    },
    180_000,
  );

  async function over(device: TestDevice): Promise<void> {
    await until("its end", () => device.state().lastCommand?.state === "done" && device.state().answers === undefined);
  }

  /** Its processes are gone with the power, and come back as malware that is on the disk does. */
  async function live(device: TestDevice, cutAt: number, leaves: Leaves): Promise<Table> {
    const disk = new CutDisk(cutAt, leaves);
    const first = tableOf();
    const running = device.start(disk, 0, first).catch((error: unknown) => error);
    const isCut = await Promise.race([disk.gone.then(() => true), over(device).then(() => false)]);
    if (!isCut) {
      await device.stop();
      return first;
    }
    const failure = await running;
    if (!(failure instanceof PowerCut)) throw failure;
    const wasDone = device.state().lastCommand?.state === "done";
    const second = tableOf();
    void device.start(undefined, 0, second);
    await over(device);
    await device.stop();
    return wasDone ? first : second;
  }

  function checkEnd(device: TestDevice, id: string, table: Table | undefined, at: string): void {
    const { housekeeping, lastCommand, seen } = device.state();
    expect([at, housekeeping, lastCommand?.command_id, lastCommand?.state, seen]).toEqual([at, undefined, id, "done", [id]]);
    const restarts = device.events.filter(
      (event) => event.kind === "housekeeping" && event.action === "restart" && event.state === "running",
    );
    // None, when the power went between the mark and the restart: that was its start.
    expect([at, restarts.length <= 1]).toEqual([at, true]);
    if (what === "a stop") expect([at, table?.ended.includes("ask 100")]).toEqual([at, true]);
  }
});

function tableOf(): Table {
  return new Table({ pid: 100, name: "dvrHelper" });
}
