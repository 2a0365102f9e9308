/** `npm start -- --bad-patch`, small: a release that kills devices is halted by its canary, as one process that ends by itself. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../../lab/story/outcome.ts";

/** The canary of a cohort of this size. */
const CANARY = 10;
const directory = mkdtempSync(join(tmpdir(), "edict-bad-patch-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }), 60_000);

test("npm start -- --bad-patch --devices 120 --json: it halts by itself, nobody but the canary was touched, the report names the dead", async () => {
  const root = join(import.meta.dir, "../..");
  const args = ["--bad-patch", "--devices", "120", "--seed", "3", "--state", directory, "--json"];
  const story = Bun.spawn([process.execPath, join(root, "lab/story/main.ts"), ...args], { stdout: "pipe", stderr: "pipe" });
  const [text, told] = await Promise.all([new Response(story.stdout).text(), new Response(story.stderr).text()]);
  expect({ status: await story.exited, told: told.slice(-2_000) }).toMatchObject({ status: 0 });
  const outcome = JSON.parse(text) as Outcome;
  expect(outcome).toMatchObject({ ok: true, wrong: [], verdicts: { "rolled-back": 1, unreachable: CANARY - 1, verified: 0 } });
  expect(outcome.reason).toMatch(/^wave 0: \d+ of 10 \(.* %\) (failed|went away and did not come back), the permit allows/);
  expect(outcome.sent.devices).toBe(CANARY);
  const html = readFileSync(outcome.report, "utf8");
  expect(outcome.unreachable).toHaveLength(CANARY - 1);
  for (const id of outcome.unreachable) expect(html).toContain(id);
}, 180_000);
