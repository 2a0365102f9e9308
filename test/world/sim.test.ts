/** `npm run sim` as people call it: the first seeds keep every rule, twice with the same bytes, and a planted bug is found. */
import { expect, test } from "bun:test";
import { join } from "node:path";

async function sim(...options: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../lab/world/main.ts"), ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await new Response(child.stdout).text();
  return { status: await child.exited, said };
}

test("the first seeds break no rule", async () => {
  const { status, said } = await sim("--seeds", "10");
  expect(said).toContain("0 violations");
  expect(status).toBe(0);
}, 180_000);

test("a planted bug is found", async () => {
  const { status, said } = await sim("--canary-bug", "skips-wave");
  expect(said).toContain("found with seed");
  expect(status).toBe(0);
}, 180_000);
