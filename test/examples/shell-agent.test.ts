/** The shell agent against a real gateway and a real depot: it does what it is told by two people, and nothing else. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgentWorld } from "../agent/world.ts";
import { isMissing, REASON, ShellDevice } from "./shell-device.ts";

const PATIENCE_MS = 90_000;
const MANIFEST = {
  mime_type: "application/suit-envelope+cose",
  payload: { url: "https://updates.famousmaker.ce/m" },
  hashes: { sha256: "00".repeat(32) },
};

describe.skipIf(isMissing)(`the shell agent${REASON}`, () => {
  let world: AgentWorld;
  const running: ShellDevice[] = [];

  beforeAll(async () => {
    world = await AgentWorld.make();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((device) => device.stop()));
  });
  afterAll(() => world.end());

  async function make(change: Parameters<AgentWorld["device"]>[0] = {}): Promise<ShellDevice> {
    const { directory } = await world.device(change);
    const device = new ShellDevice(directory);
    running.push(device);
    return device;
  }

  async function boot(change: Parameters<AgentWorld["device"]>[0] = {}): Promise<ShellDevice> {
    const device = await make(change);
    device.start();
    await device.said("connected");
    return device;
  }

  const slot = ({ directory }: ShellDevice) => readlinkSync(join(directory, "current"));
  const isNew = ({ directory }: ShellDevice) => readFileSync(join(directory, "current")).equals(world.image);
  const answers = () => world.manager.reports.filter(({ kind }) => kind === "response");

  test(
    "an update that two people signed is fetched, installed and marked good, and nothing goes up for it",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-1"));
      await device.said("update shell-1 done");
      await device.said("connected", 2);
      expect(slot(device)).toBe("slots/b/image");
      expect(isNew(device)).toBe(true);
      expect(answers()).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "when an answer is asked for there is one, after the restart",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-2", { args: { response_requested: "complete" } }));
      await device.said("update shell-2 done");
      await until(() => answers().length === 1);
      expect(answers()).toMatchObject([
        {
          requestId: "shell-2",
          response: {
            status: 200,
            results: { "x-swup": { software: { version: "2.3.4" }, last_update: { command_id: "shell-2", state: "done" } } },
          },
        },
      ]);
      world.manager.reports.length = 0;
    },
    PATIENCE_MS,
  );

  test(
    "whoever asks is told why not",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-no", { software: { hardware: ["r9"] }, args: { response_requested: "complete" } }));
      await device.said("ERR_AGENT_HARDWARE");
      await until(() => answers().length === 1);
      const last_update = { command_id: "shell-no", state: "failed", error: "ERR_AGENT_HARDWARE" };
      expect(answers()).toMatchObject([{ response: { status: 404, results: { "x-swup": { last_update } } } }]);
      world.manager.reports.length = 0;
    },
    PATIENCE_MS,
  );

  test(
    "an image that is not healthy is rolled back, and its check-in says so",
    async () => {
      const device = await boot({ healthCommand: ["sh", "-c", 'test "$EDICT_SLOT" = a'] });
      await world.order(world.update("shell-3"));
      await device.said("update shell-3 rolled_back");
      await until(() => lastUpdate()?.command_id === "shell-3");
      expect(slot(device)).toBe("slots/a/image");
      expect(lastUpdate()).toMatchObject({ state: "rolled_back", error: "ERR_AGENT_HEALTH" });
    },
    PATIENCE_MS,
  );

  test(
    "the same command again is not begun a second time, although its update was rolled back (replay)",
    async () => {
      const device = await boot({ healthCommand: ["false"] });
      const command = world.update("shell-4");
      await world.order(command);
      // Checked in: from here on the gateway does not know by itself that it would be in vain.
      await until(() => lastUpdate()?.command_id === "shell-4");
      await world.order(command);
      // What comes behind it shows that it has been heard.
      await world.order(world.update("shell-5", { software: { hardware: ["r9"] } }));
      await device.said("ERR_AGENT_HARDWARE");
      expect(device.lines.filter((line) => line.includes("shell-4 queued"))).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  test.each([
    ["bytes that the manufacturer does not name", { software: { hashes: { sha256: "00".repeat(32) } } }, "ERR_AGENT_DISAGREE"],
    ["another size", { software: { size: 49_999 } }, "ERR_AGENT_DISAGREE"],
    ["a version that was never released", { software: { new_version: "9.9.9" } }, "ERR_AGENT_DISAGREE"],
    ["another model", { software: { name: "otherModel" } }, "ERR_AGENT_NOT_MINE"],
    ["another vendor", { software: { vendor: "otherMaker" } }, "ERR_AGENT_NOT_MINE"],
    ["other hardware", { software: { hardware: ["r1", "r22"] } }, "ERR_AGENT_HARDWARE"],
    ["another version to update from", { software: { old_version: "1.2" } }, "ERR_AGENT_VERSION"],
    ["a source that it does not trust", { software: { source: "https://updates.famousmaker.ce.evil.example/x" } }, "ERR_DEPOT_SOURCE"],
    ["a manifest that it does not check", { software: { manifest: MANIFEST } }, "ERR_AGENT_UNSUPPORTED"],
  ])(
    "a command with %s has no effect",
    async (_what, change, code) => {
      const device = await boot();
      await world.order(world.update(`bad-${running.length}-${code}-${Math.random()}`.slice(0, 36), change));
      await device.said(code);
      expect(slot(device)).toBe("slots/a/image");
      expect(answers()).toEqual([]);
    },
    PATIENCE_MS,
  );

  test.each([
    ["goes on behind what was fetched before", (bytes: Uint8Array) => bytes.slice(0, 30_000)],
    ["throws away what has the length and not the digest, and fetches it anew", (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)],
  ])(
    "it %s",
    async (_what, before) => {
      const device = await make();
      const { sha256 } = world.release;
      mkdirSync(join(device.directory, "slots/b"));
      writeFileSync(join(device.directory, "slots/b", `${sha256}.part`), before(world.image));
      device.start();
      await device.said("connected");
      await world.order(world.update(`part-${sha256.slice(0, 8)}-${before(world.image).length}`));
      await device.said(" done");
      expect(isNew(device)).toBe(true);
    },
    PATIENCE_MS,
  );

  test(
    "a release that is not above the floor is not installed",
    async () => {
      const device = await boot({ counter: 3 });
      await world.order(world.update("shell-floor"));
      await device.said("ERR_AGENT_COUNTER");
      expect(slot(device)).toBe("slots/a/image");
    },
    PATIENCE_MS,
  );

  test(
    "an update is called off by one person before its start",
    async () => {
      const device = await boot();
      const command = world.update("shell-6", { args: { start_time: Date.now() + 300_000 } });
      await world.order(command);
      await device.said("update shell-6 queued");
      await world.stop("shell-6");
      await device.said("update shell-6 cancelled");
      expect(slot(device)).toBe("slots/a/image");
    },
    PATIENCE_MS,
  );

  test(
    "an update that waits survives a power cut",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-7", { args: { start_time: Date.now() + 8_000 } }));
      await device.said("update shell-7 queued");
      await device.stop();
      device.start();
      await device.said("update shell-7 done");
      expect(isNew(device)).toBe(true);
    },
    PATIENCE_MS,
  );

  test(
    "a copy of its directory is noticed: it answers when it is asked, and both are kept out",
    async () => {
      const device = await boot();
      cpSync(device.directory, `${device.directory}-copy`, { recursive: true, verbatimSymlinks: true });
      const copy = new ShellDevice(`${device.directory}-copy`);
      running.push(copy);
      copy.start();
      await until(() => world.manager.reports.some(({ kind }) => kind === "cloned"));
      await copy.said("disconnected");
    },
    PATIENCE_MS,
  );

  function lastUpdate() {
    const checkIn = world.manager.reports.findLast((report) => report.kind === "check-in");
    return checkIn?.kind === "check-in" ? checkIn.checkIn.last_update : undefined;
  }
});

/** The gateway's reports come in batches of their own time. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await Bun.sleep(20);
}
