/**
 * The README's "by hand", with real processes: init, serve, two agents, import, send, approve, status, report, ledger; then
 * what scripts rely on: exit statuses and one JSON document.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";

const root = join(import.meta.dir, "../..");
const directory = mkdtempSync(join(tmpdir(), "edict-by-hand-"));
const state = join(directory, "state");
const file = (name: string) => join(directory, name);
let serve: ServeProcess | undefined;
const agents: Bun.Subprocess[] = [];

/** Runs `edict` as a person would, through Node. */
async function edict(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const child = Bun.spawn(["node", join(root, "bin/edict.mjs"), "--state", state, ...args], {
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

beforeAll(() => {
  writeFileSync(file("old.bin"), crypto.getRandomValues(new Uint8Array(10_000)));
  writeFileSync(file("new.bin"), crypto.getRandomValues(new Uint8Array(60_000)));
});
afterAll(async () => {
  for (const agent of agents) agent.kill();
  serve?.kill("SIGTERM");
  await serve?.exited;
  rmSync(directory, { recursive: true, force: true });
});

test("two devices are updated by hand, as the README shows", async () => {
  await json("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0");
  serve = await startServe(state, file("serve.log"));
  for (const number of ["1", "2"]) {
    const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "1.2.3", "--image", file("old.bin")];
    const enrolled = await json("enroll", `urn:dev:ops:32473-cam-${number}`, ...software, "--source", "updates.famousMaker.ce");
    agents.push(
      Bun.spawn(["node", join(root, "bin/edict.mjs"), "agent", String(enrolled.directory)], { stdout: "ignore", stderr: "ignore" }),
    );
  }
  const source = "https://updates.famousMaker.ce/ub_x64/patch_20180222_1234.cpp";
  const release = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "2.3.4", "--counter", "2", "--source", source];
  expect(await json("release", file("new.bin"), ...release)).toMatchObject({ size: 60_000, counter: 2 });
  while ((await json("status")).connected !== 2) await Bun.sleep(100);

  const imported = await json("import", join(root, "examples/use-case-18.json.txt"), "-o", file("command.json"));
  expect(imported.changes).toHaveLength(6);
  const careful = [
    "--max-per-region",
    "1",
    "--hours",
    "01:00-05:00",
    "--not-before",
    new Date(Date.now() + 86_400_000).toISOString(),
    "--priority",
    "3",
  ];
  expect(await json("send", file("command.json"), "--dry-run", ...careful)).toMatchObject({
    dryRun: { devices: 2, waves: [{ count: 1 }, { count: 1 }], windows: 1 },
    overlaps: [],
  });
  expect(await json("send", file("command.json"), "--canary", "1", "--soak", "0s")).toMatchObject({ id: "wc17_9674309", state: "draft" });
  // The author cannot approve alone, and nobody signs by accident.
  expect((await edict("approve", "wc17_9674309", "--yes", "--as", "author")).err).toContain("ERR_TRUST_SAME_PERSON");
  expect((await edict("approve", "wc17_9674309")).status).toBe(2);
  expect(await json("approve", "wc17_9674309", "--yes")).toMatchObject({ state: "approved", signedBy: ["author", "approver"] });
  const watched = await edict("status", "wc17_9674309", "--watch");
  expect(watched.out.trim().split("\n").at(-1)).toMatch(/ done wave 2\/2: sent 2\/2.*, fetched 2, back 2, on the new version 2,/);
  const report = await json("report", "wc17_9674309", "--ask", "--wait", "1s");
  expect(report).toMatchObject({ targeted: 2, verdicts: { verified: 2 }, upstreamBytesForNone: 0 });
  expect((await edict("report", "wc17_9674309")).out).toContain("2 of 2 devices verified");
  // Whoever redirects a document has nothing else in the file.
  const csv = await edict("report", "wc17_9674309", "--ask", "--format", "csv");
  expect([csv.out.split("\n").length, csv.err]).toEqual([1 + 2 + 1, "Nobody with a channel is left to ask.\n"]);
  const bare = await edict("report", "wc17_9674309", "--ask", "--wait", "1");
  expect([bare.status, bare.out, bare.err.includes('"1" is no duration; write for example 30s')]).toEqual([2, "", true]);
}, 90_000);

test("the report is made again from an export, offline and byte for byte; a changed export is refused", async () => {
  const id = "wc17_9674309";
  const exported = file("export");
  const { exportedMs } = await json("report", id, "--export", exported);
  const at = new Date(Number(exportedMs)).toISOString();
  for (const format of ["json", "pdf"]) {
    const [served, again] = [file(`served.${format}`), file(`again.${format}`)];
    expect((await edict("report", id, "--format", format, "--at", at, "-o", served)).status).toBe(0);
    expect((await edict("report", "--from-export", exported, "--format", format, "-o", again)).status).toBe(0);
    expect(readFileSync(again).equals(readFileSync(served))).toBe(true);
  }
  // The devices signed their check-ins, and anybody with the authority's certificate can see it.
  const checked = await json("report", "--from-export", exported, "--check-signatures");
  expect(checked).toMatchObject({ signatures: { isChecked: true, refused: 0 }, verdicts: { verified: 2 } });
  expect(checked).toEqual(await json("report", id, "--at", at, "--check-signatures"));

  const evidence = readFileSync(join(exported, "evidence.jsonl"), "utf8");
  writeFileSync(join(exported, "evidence.jsonl"), evidence.replace("2.3.4", "2.3.5"));
  const refused = await edict("report", "--from-export", exported);
  expect(refused.err).toContain("ERR_AFTER_ACTION_EXPORT");
  expect(refused.status).toBe(1);
}, 60_000);

test("counts, rows, a follow-up and a plan for verification", async () => {
  const id = "wc17_9674309";
  expect(await json("report", id, "--counts")).toMatchObject({ targeted: 2, verdicts: { verified: 2, failed: 0 } });
  expect((await edict("report", id, "--format", "csv")).out.split("\r\n")).toHaveLength(4);
  const rows = (await edict("report", id, "--format", "jsonl")).out.trimEnd().split("\n");
  expect(rows.map((row) => JSON.parse(row) as object)).toMatchObject([
    { verdict: "verified", said: "signed" },
    { verdict: "verified", said: "signed" },
  ]);
  expect((await edict("report", id, "--follow-up")).out).toContain("Nobody is exposed");
  expect((await edict("report", id, "--compare", id)).out).toContain("may be chance");
  const verified = await edict("verify", id, "--within", "1%");
  expect(verified.out).toContain("Nobody needs to be asked");
  expect((await edict("verify", id, "--within", "1")).status).toBe(2);
}, 60_000);

test("the ledger verifies, also offline, and an edited copy is an alarm with its own exit status", async () => {
  // The author's and the approver's, made while they signed the campaign; the copies lie beside their keys.
  expect(await json("ledger", "verify")).toMatchObject({ ok: true, checkpoints: 2 });
  expect(await json("ledger", "checkpoint")).toMatchObject({ person: "approver" });
  const { out } = await edict("ledger", "export");
  writeFileSync(file("ledger.jsonl"), out);
  expect((await edict("ledger", "verify", "--file", file("ledger.jsonl"))).status).toBe(0);
  writeFileSync(file("ledger.jsonl"), out.replace('"author"', '"nobody"'));
  const edited = await edict("ledger", "verify", "--file", file("ledger.jsonl"));
  expect(edited.status).toBe(5);
  expect(edited.err).toContain("ERR_CLI_LEDGER");
  // An end that was cut off, and nobody says which head there was.
  writeFileSync(file("ledger.jsonl"), out.split("\n").slice(0, 2).join("\n"));
  expect((await edict("ledger", "verify", "--file", file("ledger.jsonl"))).err).toContain("(truncated)");
}, 60_000);

test("a command id is used once, an unknown campaign is not found, wrong usage says so", async () => {
  const again = await edict("--json", "send", file("command.json"));
  // Both devices have the version by now, so there is nobody to send to.
  expect([again.status, JSON.parse(again.out).error.code]).toEqual([1, "ERR_CAMPAIGN_EMPTY"]);
  expect((await edict("status", "nothing")).status).toBe(4);
  expect((await edict("approve")).status).toBe(2);
  expect((await edict("pause", "wc17_9674309", "--reason", "lunch")).out).toContain("paused (lunch)");
  expect((await edict("stop", "wc17_9674309", "--reason", "drill")).out).toContain("stopped");
}, 60_000);

test("without a server the command line says how to start one, and after it an agent is out of work but alive", async () => {
  serve?.kill("SIGTERM");
  expect(await serve?.exited).toBe(0);
  const status = await edict("status");
  expect([status.status, status.err.includes("edict serve")]).toEqual([3, true]);
  expect(readFileSync(file("serve.log"), "utf8")).toContain("serving");
  expect(agents.map((agent) => agent.exitCode)).toEqual([null, null]);
}, 60_000);
