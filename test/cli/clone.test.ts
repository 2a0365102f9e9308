/** A device's key is copied: both copies are kept out, also by a server that starts anew, until a person decides by hand. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../lab/story/free-ports.ts";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";

const ID = "urn:dev:ops:32473-cam-1";
const program = join(import.meta.dir, "../../bin/edict.mjs");
const directory = mkdtempSync(join(tmpdir(), "edict-clone-"));
const state = join(directory, "state");
let serve: ServeProcess | undefined;
const agents: Bun.Subprocess[] = [];

beforeAll(() => writeFileSync(join(directory, "old.bin"), new Uint8Array(1_000)));

afterAll(async () => {
  for (const agent of agents) agent.kill();
  serve?.kill("SIGTERM");
  await serve?.exited;
  rmSync(directory, { recursive: true, force: true });
});

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const child = Bun.spawn(["node", program, "--state", state, "--json", ...args], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`edict ${args.join(" ")}\n${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

function startAgent(device: string): Bun.Subprocess {
  const agent = Bun.spawn(["node", program, "agent", device], { stdout: "ignore", stderr: "ignore" });
  agents.push(agent);
  return agent;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await Bun.sleep(100);
}

const isConnected = async () => (await json("status"))["connected"] === 1;
const quarantined = async () => (await json("deny"))["quarantined"];

test("a copied key puts both copies in quarantine until a person releases the device", async () => {
  // The gateway comes back where the devices look for it.
  const [port = 0] = await freePorts(1);
  await json("init", "--insecure-plain-keys", "--gateway-port", String(port), "--depot-port", "0", "--api-port", "0");
  serve = await startServe(state, join(directory, "serve.log"));
  const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "1.2.3", "--image", join(directory, "old.bin")];
  const enrolled = await json("enroll", ID, ...software, "--source", "updates.famousMaker.ce");
  const genuine = String(enrolled["directory"]);
  const copy = join(directory, "copy");
  cpSync(genuine, copy, { recursive: true });

  const agent = startAgent(genuine);
  await until(isConnected);
  const thief = startAgent(copy);
  await until(async () => JSON.stringify(await quarantined()) === JSON.stringify([ID]));
  await until(async () => !(await isConnected()));

  serve.kill("SIGKILL");
  await serve.exited;
  serve = await startServe(state, join(directory, "serve.log"));
  expect(await quarantined()).toEqual([ID]);

  thief.kill();
  await thief.exited;
  expect(await json("deny", "--release", ID)).toMatchObject({ devices: 0, quarantined: [] });
  // It would come back by itself, once its delay after so many refusals is over: a technician does not wait for that.
  agent.kill();
  await agent.exited;
  startAgent(genuine);
  await until(isConnected);
  const acts = (await Bun.$`node ${program} --state ${state} ledger export`.text()).split("\n").filter((line) => line.includes("device."));
  expect(acts.length).toBe(2);
  expect(acts[0]).toContain('"act":"device.quarantined"');
  expect(acts[1]).toContain('"act":"device.released"');
}, 60_000);
