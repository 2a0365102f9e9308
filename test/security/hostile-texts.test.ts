/** Abuse case 14, in figures: what hostile texts may cost whoever reads them. */
import { expect, test } from "bun:test";
import { join } from "node:path";

const GROWTH_BYTES_MAX = 64 * 1024 * 1024;
const ROUNDS = 500;

test("thousands of hostile texts are all refused, take no memory with them, and none holds the thread", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "hostile-texts-process.ts"), String(ROUNDS)], { stdout: "pipe" });
  const told = JSON.parse(await new Response(child.stdout).text()) as {
    read: number;
    refused: number;
    broken: string[];
    grewBytes: number;
  };
  expect(told).toMatchObject({ read: 12 * ROUNDS, refused: 12 * ROUNDS, broken: [] });
  expect(told.grewBytes).toBeLessThan(GROWTH_BYTES_MAX);
}, 60_000);
