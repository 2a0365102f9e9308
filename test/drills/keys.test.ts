/** The key drill with one device: every loss and every recovery, with real files and processes (`npm run drill:keys` tells it to people). */
import { expect, test } from "bun:test";
import { join } from "node:path";

test("npm run drill:keys -- --devices 1 --json: from one lost key to the loss of everything, all of it holds", async () => {
  const drill = [process.execPath, join(import.meta.dir, "../../lab/drills/main.ts"), "--devices", "1", "--json"];
  const child = Bun.spawn(drill, { stdout: "pipe", stderr: "pipe" });
  const [out, told] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { what: string; held: boolean }[] };
  expect([ok, checks.filter(({ held }) => !held)], told).toEqual([true, []]);
  expect(checks).toHaveLength(16);
  expect(await child.exited).toBe(0);
  // Eighty processes: 23 s by themselves, minutes where others are at work.
}, 400_000);
