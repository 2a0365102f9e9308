/** `npm start`, small: the whole use case with its seven misfits, as one process that ends by itself. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../../lab/story/outcome.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-story-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("npm start -- --devices 120 --json ends well: every verdict is right and nothing came up for none", async () => {
  const root = join(import.meta.dir, "../..");
  const args = ["--devices", "120", "--seed", "3", "--state", directory, "--json"];
  const story = Bun.spawn([process.execPath, join(root, "lab/story/main.ts"), ...args], { stdout: "pipe", stderr: "pipe" });
  const [text, told] = await Promise.all([new Response(story.stdout).text(), new Response(story.stderr).text()]);
  expect({ status: await story.exited, told: told.slice(-2_000) }).toMatchObject({ status: 0 });
  const outcome = JSON.parse(text) as Outcome;
  expect(outcome).toMatchObject({ ok: true, upstreamBytesForNone: 0, wrong: [] });
  expect(Object.values(outcome.verdicts).reduce((sum, count) => sum + count, 0)).toBe(outcome.targeted);
  expect(outcome.verdicts).toMatchObject({ failed: 1, "rolled-back": 1, "not-applicable": 1, unreachable: 2 });
  expect(existsSync(outcome.report)).toBe(true);
  expect(readFileSync(outcome.report, "utf8")).not.toMatch(/(src|href)="https?:/);
}, 180_000);
