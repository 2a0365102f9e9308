/**
 * Use cases 17 and 18 as one order, with real processes: two agents, a process that runs beside them, a playbook that stops it and then
 * updates them, and the question afterwards that alone can say it is gone.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";
import { Children, hasProc, skipReason } from "../agent/processes/children.ts";
import { edict as edictProcess } from "./edict-process.ts";

const root = join(import.meta.dir, "../..");
const directory = mkdtempSync(join(tmpdir(), "edict-playbook-"));
const file = (name: string) => join(directory, name);
const children = new Children();
const agents: Bun.Subprocess[] = [];
let serve: ServeProcess | undefined;
/** Nobody else's on this machine; the kernel keeps 15 characters of a name. */
const helper = `dvrHelper${process.pid % 100_000}`;
/** Looks at something that takes a second or two. */
const LOOKS_MAX = 60;

const edict = (...args: readonly string[]) => edictProcess(["--state", file("state"), ...args], { cwd: root });

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, out, err } = await edict("--json", ...args);
  if (status !== 0) throw new Error(`edict ${args.join(" ")}: ${status}\n${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

async function until(
  what: string,
  args: readonly string[],
  isSo: (said: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const said = await json(...args);
    if (isSo(said)) return said;
  }
  throw new Error(`waited in vain until ${what}`);
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

afterAll(async () => {
  children.end();
  for (const agent of agents) agent.kill();
  serve?.kill("SIGTERM");
  await serve?.exited;
  rmSync(directory, { recursive: true, force: true });
});

test.skipIf(!hasProc)(
  `one order stops the process and then closes the hole; nobody is verified who was not asked${skipReason}`,
  async () => {
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
      agents.push(Bun.spawn(["node", join(root, "bin/edict.mjs"), "agent", String(device)], { stdio: ["ignore", "ignore", "ignore"] }));
    }
    const release = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "2.3.4", "--counter", "2"];
    await json("release", file("new.bin"), ...release, "--source", "https://updates.famousmaker.example/patch");
    await until("both devices have a channel", ["status"], ({ connected }) => connected === 2);
    const attacker = await children.start(children.executable(helper));

    writePlaybook();
    const shown = await json("send", file("playbook.json"), "--dry-run");
    expect(shown).toMatchObject({
      playbook: "webcams-2018",
      steps: [{ dryRun: { devices: 2, totalBytes: 0 } }, { dryRun: { devices: 2 } }],
    });
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
    expect(children.isRunning(attacker)).toBe(true);
    const status = await json("status", "webcams-2018", "--watch");
    expect(status).toMatchObject({ playbook: "webcams-2018", steps: [{ state: "done" }, { state: "done", progress: { updated: 2 } }] });
    expect(children.isRunning(attacker)).toBe(false);

    // The update has started them anew since they said that it is stopped.
    expect(await json("report", "wc17_9674308")).toMatchObject({ verdicts: { unknown: 2, verified: 0 } });
    const verification = await json("verify", "wc17_9674308", "--full", "--wait", "1s");
    expect(verification).toMatchObject({ connected: 2, next: 0, estimate: { asked: 2, answered: 2 } });
    const answered = await json("report", "wc17_9674308");
    expect(answered).toMatchObject({ targeted: 2, verdicts: { verified: 2 }, upstreamBytesForNone: 0 });
    expect((await edict("report", "wc17_9674308")).out).toContain(`to stop the process ${helper}`);
    expect((await edict("report", "wc17_9674308", "--compare", "wc17_9674309")).out).toContain("to version 2.3.4");
    expect(await json("report", "wc17_9674309")).toMatchObject({ verdicts: { verified: 2 } });
    const exported = file("export");
    await json("report", "wc17_9674308", "--export", exported);
    expect(await json("report", "--from-export", exported, "--check-signatures")).toMatchObject({
      verdicts: { verified: 2 },
      signatures: { refused: 0 },
    });
  },
  120_000,
);

test.skipIf(!hasProc)(
  `the steps are stopped and cancelled by the playbook's name${skipReason}`,
  async () => {
    const stopped = await json("stop", "webcams-2018", "--reason", "drill");
    expect(stopped).toMatchObject({ steps: [{ state: "stopped" }, { state: "stopped" }] });
    const cancelled = await json("cancel", "webcams-2018", "--reason", "drill");
    expect(cancelled).toMatchObject({ steps: [{ state: "cancelled" }, { state: "cancelled" }] });
    expect((await edict("resume", "webcams-2018", "--reason", "drill")).err).toContain("ERR_CAMPAIGN_STATE");
    expect((await edict("status", "nothing")).status).toBe(4);
  },
  60_000,
);
