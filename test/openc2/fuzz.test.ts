/** A short, deterministic slice of `npm run fuzz`, and its canary: a fuzzer that finds no planted bug proves nothing. */
import { describe, expect, test } from "bun:test";
import { fuzz } from "../../lab/fuzz/fuzz.ts";
import { inputAt } from "../../lab/fuzz/mutate.ts";
import { canary, targets } from "../../lab/fuzz/targets.ts";

const SEED = 20_261_125;
const INPUTS = 3_000;

describe(`${INPUTS} mutated inputs`, () => {
  test.each(targets().map((target) => [target.name, target] as const))("break nothing at %s", (_, target) => {
    expect(fuzz(target, SEED, 0, INPUTS)).toBeUndefined();
  });
  test("find a reader that keeps the last of two members of one name", () => {
    expect(fuzz(canary(), SEED, 0, INPUTS)).toMatchObject({
      target: "canary",
      why: expect.stringContaining("strictly it is ERR_OPENC2_JSON_DUPLICATE"),
    });
  });
  test("find a reader that holds the thread", () => {
    const spin = () => {
      const before = process.cpuUsage();
      while (process.cpuUsage(before).user < 60_000);
    };
    expect(fuzz({ ...canary(), run: spin }, SEED, 0, 1)?.why).toMatch(/^it takes \d+ ms$/);
  });
  test("are made again from their numbers", () => {
    const { corpus } = canary();
    const inputs = () => [0, 1, 999].map((number) => Buffer.from(inputAt(corpus, SEED, number)).toString("hex"));
    expect(inputs()).toEqual(inputs());
  });
});
