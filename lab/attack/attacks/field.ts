/** What happens to devices and servers in the field, by malice or by accident: bricks, clocks, power, crashes, and the loss of everything. */
import { readRunning, statePaths } from "../../../src/server/state-directory.ts";
import type { Attack, Blow } from "../attack.ts";
import { formsOf } from "../keys/forms.ts";
import { NeedleSearch } from "../keys/needles.ts";
import { obeyedKeys } from "../keys/obeyed.ts";
import { canReadMemory } from "../keys/process-memory.ts";
import { searchFolder, searchProcess } from "../keys/search.ts";
import { runs, type Stage } from "../stage.ts";

/** How often a device loses its power in the middle of one update. */
const CUTS = 5;

export const FIELD_ATTACKS: readonly Attack[] = [
  {
    id: "11",
    title: "A patch that bricks but is validly signed",
    who: "Everybody signed in good faith; the new release fails its health check on this hardware.",
    cost: "A fleet of bricks, all at once.",
    run: brick,
  },
  {
    id: "16",
    title: "Wrong clocks",
    who: "Somebody owns the time: devices are ten years behind, ten years ahead, or 400 days ahead.",
    cost: "Old orders count again, or nothing ever does.",
    tests: [
      {
        file: "test/agent/clocks.test.ts",
        titles: ["ahead: nothing is obeyed, nothing is forgotten", "a clock ten years behind", "400 days on"],
      },
    ],
  },
  {
    id: "17",
    title: "Power cuts",
    who: `A device loses its power ${CUTS} times in one update; a test cuts it at every write, sync and rename.`,
    cost: "A truck to every device that was updating when the lights went out.",
    run: powerCuts,
    tests: [{ file: "test/agent/power-cut.test.ts", titles: ["wherever the power is cut, what was not synced"] }],
  },
  {
    id: "18",
    title: "The manager dies in mid fan-out",
    who: "kill -9 of the manager, just after the second person has signed.",
    cost: "Devices that are forgotten, and devices that are updated twice.",
    run: killedManager,
  },
  {
    id: "keys",
    title: "The whole platform is taken over",
    who: "Somebody reads every file, argument and environment of the server, and every byte of its memory.",
    cost: "Every key that is found there signs for the thief.",
    run: searchedKeys,
  },
];

async function brick(stage: Stage): Promise<readonly Blow[]> {
  const sick = { healthCommand: ["false"] };
  const devices = [await stage.switchedOn("sick-1", sick), await stage.switchedOn("sick-2", sick)];
  await stage.scene.order("bricks", "2.0.0");
  const isHalted = await stage.until(async () => (await stage.api("author").campaign("bricks")).state === "halted");
  const { reason = "it did not halt", progress } = await stage.api("author").campaign("bricks");
  const back = devices.filter((device) => device.hasSaid((event) => event.kind === "booted" && event.boot > 1));
  const isOld = devices.every((device) => device.state().active === "a");
  await stage.scene.edict("cancel", "bricks", "--reason", "an attack");
  for (const device of devices) await stage.retire(device);
  return [
    { what: "the canary rolls back by itself, and both run the old release", stoppedBy: "two slots", held: back.length === 1 && isOld },
    { what: `the campaign halts: ${reason}`, stoppedBy: "the halt rules", held: isHalted },
    { what: "the other device was never sent to", stoppedBy: "the canary ladder", held: progress.sent === 1 },
  ];
}

async function powerCuts(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.switchedOn("cut");
  await stage.scene.order("cut-short", "2.0.0");
  for (let cut = 1; cut <= CUTS; cut += 1) {
    // Whatever it says next: connected, fetching, installing, starting. In the middle of that it goes dark.
    await device.says(() => true);
    await device.switchOff("SIGKILL");
    device.switchOn();
  }
  const isDone = await device.says((event) => runs("2.0.0")(event) || (event.kind === "connected" && device.state().active === "b"));
  const { lastUpdate, trial } = device.state();
  const held = isDone && lastUpdate?.state === "done" && trial === undefined;
  await stage.scene.edict("cancel", "cut-short", "--reason", "an attack");
  await stage.retire(device);
  return [{ what: `kill -9 ${CUTS} times, and then it runs 2.0.0`, stoppedBy: "one atomic rename for each change", held }];
}

async function killedManager(stage: Stage): Promise<readonly Blow[]> {
  const devices = [await stage.switchedOn("crash-1"), await stage.switchedOn("crash-2"), await stage.switchedOn("crash-3")];
  await stage.scene.order("survives", "2.0.0");
  await stage.scene.stopServing("SIGKILL");
  await stage.scene.serve();
  const done = await Promise.all(devices.map((device) => device.says(runs("2.0.0"))));
  const isSettled = await stage.until(async () => (await stage.api("author").campaign("survives")).state === "done");
  const { progress } = await stage.api("author").campaign("survives");
  const boots = devices.map((device) => device.state().boot);
  for (const device of devices) await stage.retire(device);
  return [
    {
      what: "nobody is forgotten",
      stoppedBy: "orders are on disk before they are sent",
      held: done.every(Boolean) && isSettled && progress.sent === 3,
    },
    {
      what: `nobody is updated twice: ${boots.join(", ")} starts`,
      stoppedBy: "devices remember command ids",
      held: boots.every((boot) => boot === 2),
    },
  ];
}

async function searchedKeys(stage: Stage): Promise<readonly Blow[]> {
  if (!canReadMemory) return [{ what: "skipped: only Linux shows the memory of a process", stoppedBy: "nothing", held: true }];
  const paths = statePaths(stage.scene.state);
  const keys = obeyedKeys(paths);
  const needles = new NeedleSearch([...keys].flatMap(([name, jwk]) => formsOf(name, jwk)));
  const memory = searchProcess(readRunning(paths)?.pid ?? 0, "the server", needles);
  // On one machine for a trial these lie beside it; the server reads none of them (docs/operate/keys.md).
  const files = searchFolder(paths.directory, needles, [paths.keys, paths.repositoryKeys, paths.authorityKey]);
  const megabytes = Math.round(memory.bytes / 1024 / 1024);
  const found = [...memory.found, ...files].map(({ key, where }) => `${key} in ${where}`);
  return [
    {
      what: `${keys.size} keys that devices obey, in ${megabytes} MB of memory and every file: ${found.join(", ") || "none found"}`,
      stoppedBy: "people sign elsewhere",
      held: found.length === 0,
    },
  ];
}
