/** Simulated worlds: the same seed tells the same story, a deadly patch is halted, and planted bugs are found. */
import { describe, expect, test } from "bun:test";
import { BUGS, isBugName, isFoundBy } from "../../lab/world/bugs.ts";
import { emergency, settingsOf } from "../../lab/world/settings.ts";
import { tryWorld } from "../../lab/world/trial.ts";

/** Each bug is found by one of the first seeds; which is in docs/simulation.md. */
const SEEDS_FOR_BUG = 60;

test("a world is the same, byte for byte, each time that its seed is used", async () => {
  const lines: string[][] = [[], []];
  const digests: string[] = [];
  for (const each of lines) digests.push((await tryWorld(settingsOf(7, 300), { onLine: (line) => each.push(line) })).digest);
  expect(lines[1]).toEqual(lines[0] ?? []);
  expect(digests[1]).toBe(digests[0] ?? "");
  expect((await tryWorld(settingsOf(8, 300))).digest).not.toBe(digests[0] ?? "");
}, 180_000);

test("a patch that bricks every device is halted with at most the canary lost", async () => {
  const trial = await tryWorld(emergency(1, 3_000, { harm: "bricks", share: 1 }));
  expect(trial).toMatchObject({ ok: true, state: "halted" });
  expect(trial.fates?.bricked).toBeLessThanOrEqual(300);
}, 180_000);

describe("a planted bug", () => {
  test.each(Object.keys(BUGS).filter(isBugName))(
    "%s is found by a rule that is there for it",
    async (bug) => {
      for (let seed = 1; seed <= SEEDS_FOR_BUG; seed += 1) {
        const trial = await tryWorld({ ...settingsOf(seed, 200), bug });
        if (trial.ok) continue;
        expect(isFoundBy(bug, trial.invariant), trial.violation).toBe(true);
        return;
      }
      expect.unreachable(`${bug} was not found`);
    },
    180_000,
  );
});
