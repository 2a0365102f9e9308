/** Two tenants in one `edict serve`, as docs/operate/tenants.md has it, with real processes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServeProcess, startServe } from "../../lab/story/serve-process.ts";
import { edict } from "./edict-process.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-tenants-"));
let serve: ServeProcess;

async function json(tenant: string, ...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await edict(["--state", tenant, "--json", ...args], { cwd: directory })).out);
}

beforeAll(async () => {
  const ports = ["--gateway-port", "0", "--depot-port", "0", "--api-port", "0"];
  for (const tenant of ["east", "west"]) await json(tenant, "init", "--tenant", `${tenant}.example`, "--insecure-plain-keys", ...ports);
  serve = await startServe(join(directory, "east"), join(directory, "serve.log"), ["--also-tenant", join(directory, "west")]);
}, 60_000);

afterAll(async () => {
  serve.kill("SIGTERM");
  await serve.exited;
  rmSync(directory, { recursive: true, force: true });
});

test("each is reached by its own directory, and by its monitor's token", async () => {
  expect(await json("east", "status")).toMatchObject({ tenant: "east.example" });
  expect(await json("west", "status", "--as", "monitor")).toMatchObject({ tenant: "west.example" });
}, 30_000);

test("a directory that is held cannot be served again, alone or beside another", async () => {
  for (const args of [["serve"], ["serve", "--also-tenant", "west"]]) {
    const { status, err } = await edict(["--state", args.length > 1 ? "east" : "west", ...args], { cwd: directory });
    expect([status, err]).toEqual([1, expect.stringContaining("ERR_SERVER_RUNNING")]);
  }
}, 30_000);

test("a port that is taken ends the command with its name, and nothing is left running", async () => {
  const { api } = JSON.parse(await Bun.file(join(directory, "east", "serve.json")).text()) as { api: number };
  const ports = ["--gateway-port", "0", "--depot-port", "0", "--api-port", String(api)];
  await json("third", "init", "--tenant", "third.example", "--insecure-plain-keys", ...ports);
  const { status, err } = await edict(["--state", "third", "serve", "--log", "silent"], { cwd: directory });
  expect([status, err]).toEqual([1, expect.stringContaining("ERR_SERVER_PORT")]);
}, 30_000);

test("both end at one signal", async () => {
  serve.kill("SIGTERM");
  expect(await serve.exited).toBe(0);
  expect((await edict(["--state", "west", "status"], { cwd: directory })).status).toBe(3);
}, 30_000);
