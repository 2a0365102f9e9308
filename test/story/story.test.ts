/** `npm start`, small: the whole use case with its seven misfits, as one process that ends by itself. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../../lab/story/outcome.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-story-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }), 60_000);

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
  // Who signed what, for both authorities: the manufacturer, the owner, the director's root, author and approver.
  const people = ["author", "approver"];
  const everybody = [...people, "keeper"];
  const expected = [
    ["release 2.3.4", ["targets@trial"], 1],
    ["version 1 of the authority map", everybody, 2],
    ["version 1 of the director isp.example", everybody, 2],
    ["the canary's command", people, 2],
    ["the command to the rest", people, 2],
    ["the permit", people, 2],
  ] as const;
  expect(outcome.signed).toHaveLength(expected.length);
  for (const [index, [what, signedBy, needed]] of expected.entries()) {
    expect(outcome.signed[index]).toEqual({ what: expect.stringMatching(new RegExp(`^${what}`)), signedBy: [...signedBy], needed });
    expect(told).toContain(`signed by ${signedBy.join(", ")} (${needed} needed): ${what}`);
  }
  expect(existsSync(outcome.report)).toBe(true);
  expect(readFileSync(outcome.report, "utf8")).not.toMatch(/(src|href)="https?:/);
}, 180_000);
