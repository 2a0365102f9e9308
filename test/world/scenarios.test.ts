/** Every story is told as it was; what it expects holds, and no rule breaks in it. `npm run scenarios -- --write` renews the golden texts. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { narrate } from "../../lab/scenarios/narrate.ts";
import { readScenario } from "../../lab/scenarios/scenario.ts";
import { goldenOf, STORIES, storyOf } from "../../lab/scenarios/stories.ts";

describe("a scenario", () => {
  test.each(STORIES)(
    "%s is told as its golden text",
    async (file) => {
      const told = await narrate(storyOf(file));
      expect(told).not.toMatch(/NOT AS EXPECTED|A RULE IS BROKEN/);
      expect(told).toBe(readFileSync(goldenOf(file), "utf8"));
    },
    180_000,
  );

  test("with a word that no scenario has is refused with its line", () => {
    expect(() => readScenario("title x\n\nexplode all\n", "x.scenario")).toThrow('x.scenario:3: no scenario has the word "explode"');
  });

  test("in which something happens that cannot happen is told so before it begins", async () => {
    const told = await narrate(readScenario("devices 20\nat 0:10 a comet falls\n", "x.scenario"));
    expect(told).toContain('nothing in a scenario is called "a comet falls"');
  });
});
