/** Which tenants one manager takes: all or none, and only such as have nothing in common. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startManager } from "../../../src/server/manager.ts";
import { readRunning, statePaths } from "../../../src/server/state-directory.ts";
import { clock, log, makeState } from "./world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-start-"));
const at = (name: string) => join(directory, name);
const start = (...names: readonly string[]) => {
  const [first = "", ...others] = names.map(at);
  return startManager({ directory: first, alsoTenants: others, hasGateway: true, clock, random: Math.random, log });
};

beforeAll(async () => {
  for (const name of ["a", "b", "c"]) await makeState(at(name), `${name}.example`);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The state directory of b with these files of a's in the place of its own. */
function mixed(name: string, files: readonly ("authority" | "director" | "trust")[]): string {
  cpSync(at("b"), at(name), { recursive: true });
  for (const file of files) copyFileSync(statePaths(at("a"))[file], statePaths(at(name))[file]);
  return name;
}

function configured(name: string, change: (config: { tenant: string; api: { port: number } }) => void): string {
  cpSync(at("b"), at(name), { recursive: true });
  const { config } = statePaths(at(name));
  const parsed = JSON.parse(readFileSync(config, "utf8"));
  change(parsed);
  writeFileSync(config, JSON.stringify(parsed));
  return name;
}

test.each<[string, string, () => string]>([
  ["the same directory twice", "the directory", () => "a"],
  ["the same name", 'the name "a.example"', () => configured("same-name", (config) => (config.tenant = "a.example"))],
  ["the same device authority", "the device authority's key", () => mixed("same-authority", ["authority"])],
  ["the same people", "the director's key", () => mixed("same-people", ["director", "trust"])],
])("two tenants with %s are none", async (_what, mark, second) => {
  await expect(start("a", second())).rejects.toMatchObject({
    code: "ERR_SERVER_STATE",
    message: expect.stringContaining(`both have ${mark}`),
  });
  expect(readRunning(statePaths(at("a")))).toBeUndefined();
});

test("attack: operators of another tenant, copied beside one's own configuration, open nothing", async () => {
  cpSync(at("b"), at("copied"), { recursive: true });
  copyFileSync(statePaths(at("a")).operators, statePaths(at("copied")).operators);
  await expect(start("copied")).rejects.toMatchObject({
    code: "ERR_SERVER_STATE",
    message: expect.stringContaining('is of the tenant "a.example"'),
  });
});

test("all start or none: a port that is taken is named, and what was opened is closed", async () => {
  const held = await start("c");
  try {
    const clashing = configured("clashing", (config) => (config.api.port = held.ports.api));
    await expect(start("a", clashing)).rejects.toMatchObject({
      code: "ERR_SERVER_PORT",
      message: `127.0.0.1:${held.ports.api}, "api" in edict.json, is taken`,
    });
    expect(["a", clashing].map((name) => readRunning(statePaths(at(name))))).toEqual([undefined, undefined]);
    await expect(start("a", "c")).rejects.toMatchObject({ code: "ERR_SERVER_RUNNING" });
  } finally {
    await held.stop();
  }
  const again = await start("a", "clashing");
  expect(again.others.map(({ tenant }) => tenant)).toEqual(["b.example"]);
  await again.stop();
});
