/**
 * Use cases 17 and 18 as one order, with real processes: two agents, a process that runs beside them, a playbook that stops it and then
 * updates them, and the question afterwards that alone can say it is gone.
 */
import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";

const root = join(import.meta.dir, "../..");
const directory = mkdtempSync(join(tmpdir(), "edict-playbook-"));
const file = (name: string) => join(directory, name);
const children: Bun.Subprocess[] = [];
let serve: ServeProcess | undefined;
/** Nobody else's on this machine; the kernel keeps 15 characters of a name. */
const helper = `dvrHelper${process.pid % 100_000}`;

async function edict(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const child = Bun.spawn(["node", join(root, "bin/edict.mjs"), "--state", file("state"), ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out, err };
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await edict("--json", ...args);
  if (status !== 0) throw new Error(`edict ${args.join(" ")}: ${status}\n${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

function background(...command: string[]): Bun.Subprocess {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  children.push(child);
  return child;
}

interface Step {
  command: { target: { process?: object }; command_id: string };
  ladder: object;
}

/** The example of the documentation, with this test's process and its short times. */
function writePlaybook(): void {
  const playbook = JSON.parse(readFileSync(join(root, "examples/use-case-17-18.playbook.json"), "utf8")) as { steps: Step[] };
  for (const step of playbook.steps) {
    step.ladder = { canaryCount: 1, soakMs: 0, lostAfterMs: 1_000 };
    if (step.command.target.process !== undefined) step.command.target.process = { name: helper };
  }
  writeFileSync(file("playbook.json"), JSON.stringify(playbook));
}

/** The report once both have answered, or the last after twenty looks. */
async function verified(id: string): Promise<Record<string, unknown>> {
  for (let look = 1; ; look += 1) {
    const report = await json("report", id);
    if ((report.verdicts as { verified: number }).verified === 2 || look === 20) return report;
  }
}

afterAll(async () => {
  for (const child of children) child.kill();
  serve?.kill("SIGTERM");
  await serve?.exited;
  rmSync(directory, { recursive: true, force: true });
});

test("one order stops the process and then closes the hole; nobody is verified who was not asked", async () => {
  for (const [name, bytes] of [
    ["old.bin", 10_000],
    ["new.bin", 60_000],
  ] as const)
    writeFileSync(file(name), crypto.getRandomValues(new Uint8Array(bytes)));
  await json("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0");
  serve = await startServe(file("state"), file("serve.log"));
  for (const number of ["1", "2"]) {
    const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "1.2.3", "--image", file("old.bin")];
    const source = ["--source", "updates.famousmaker.example"];
    const { directory: device } = await json("enroll", `urn:dev:ops:32473-cam-${number}`, ...software, ...source);
    background("node", join(root, "bin/edict.mjs"), "agent", String(device));
  }
  const release = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "2.3.4", "--counter", "2"];
  await json("release", file("new.bin"), ...release, "--source", "https://updates.famousmaker.example/patch");
  while ((await json("status")).connected !== 2) await Bun.sleep(100);
  copyFileSync("/bin/sleep", file(helper));
  const attacker = background(file(helper), "600");

  writePlaybook();
  const shown = await json("send", file("playbook.json"), "--dry-run");
  expect(shown).toMatchObject({ playbook: "webcams-2018", steps: [{ dryRun: { devices: 2, totalBytes: 0 } }, { dryRun: { devices: 2 } }] });
  const both = await edict("send", file("playbook.json"), "--canary", "1");
  expect([both.status, both.err]).toEqual([2, expect.stringContaining("--canary is said in the steps of a playbook")]);
  const sent = await json("send", file("playbook.json"));
  expect(sent).toMatchObject({
    steps: [
      { id: "wc17_9674308", state: "draft" },
      { id: "wc17_9674309", state: "draft" },
    ],
  });

  const approved = await edict("approve", "webcams-2018", "--yes");
  expect(approved.out).toContain("those of the fleet for whom vendor==famousMaker;name==famousModel");
  expect(approved.out).toContain("only when campaign wc17_9674308 is done");
  expect(approved.out).toMatch(/wc17_9674308 is approved\.\n.*wc17_9674309 is approved\./);
  expect(attacker.exitCode).toBeNull();
  const status = await json("status", "webcams-2018", "--watch");
  expect(status).toMatchObject({ playbook: "webcams-2018", steps: [{ state: "done" }, { state: "done", progress: { updated: 2 } }] });
  await attacker.exited;

  // The update has started them anew since they said that it is stopped.
  expect(await json("report", "wc17_9674308")).toMatchObject({ verdicts: { unknown: 2, verified: 0 } });
  await json("report", "wc17_9674308", "--ask");
  expect(await verified("wc17_9674308")).toMatchObject({ targeted: 2, verdicts: { verified: 2 }, upstreamBytesForNone: 0 });
  expect((await edict("report", "wc17_9674308")).out).toContain(`to stop the process ${helper}`);
  expect((await edict("report", "wc17_9674308", "--compare", "wc17_9674309")).out).toContain("to version 2.3.4");
  expect(await json("report", "wc17_9674309")).toMatchObject({ verdicts: { verified: 2 } });
  const exported = file("export");
  await json("report", "wc17_9674308", "--export", exported);
  expect(await json("report", "--from-export", exported, "--check-signatures")).toMatchObject({
    verdicts: { verified: 2 },
    signatures: { refused: 0 },
  });
}, 120_000);

test("the steps are stopped and cancelled by the playbook's name", async () => {
  const stopped = await json("stop", "webcams-2018", "--reason", "drill");
  expect(stopped).toMatchObject({ steps: [{ state: "stopped" }, { state: "stopped" }] });
  const cancelled = await json("cancel", "webcams-2018", "--reason", "drill");
  expect(cancelled).toMatchObject({ steps: [{ state: "cancelled" }, { state: "cancelled" }] });
  expect((await edict("resume", "webcams-2018", "--reason", "drill")).err).toContain("ERR_CAMPAIGN_STATE");
  expect((await edict("status", "nothing")).status).toBe(4);
}, 60_000);
