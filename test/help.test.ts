/** Whatever `npm run` has beside the product says what it takes, and tells of a mistake in one line. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { listOf, oneOf, positive, whole } from "../lab/program.ts";
import { scripts } from "../package.json";

/** Steps of the house that take no options. */
const CHECKS: readonly string[] = ["tidy", "closure", "errors", "prepack"];
const PROGRAMS = Object.entries(scripts).flatMap(([name, command]) => {
  const [runtime, file = ""] = command.split(" ");
  return runtime === "bun" && !CHECKS.includes(name) ? [{ name, file }] : [];
});
const PATIENCE_MS = 60_000;

async function run(file: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "..", file), ...args], {
    stdout: "pipe",
    stderr: "pipe",
    timeout: PATIENCE_MS,
  });
  const [out, err, status] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { out, err, status };
}

describe("every program of package.json", () => {
  test.concurrent.each(PROGRAMS)(
    "$name says what it takes",
    async ({ name, file }) => {
      const { out, err, status } = await run(file, "--help");
      expect({ err, status }).toEqual({ err: "", status: 0 });
      expect(out).toStartWith(`Usage: npm run ${name} -- [options]`);
    },
    PATIENCE_MS,
  );

  test.concurrent.each(PROGRAMS)(
    "$name refuses an option that it does not have, in one line",
    async ({ file }) => {
      expect(await run(file, "--no-such-option")).toEqual({ out: "", err: "error: unknown option '--no-such-option'\n", status: 2 });
    },
    PATIENCE_MS,
  );
});

test("a wrong value is refused in one line that says what is right", async () => {
  const [sim, mutate] = await Promise.all([run("lab/world/main.ts", "--seeds", "many"), run("tools/mutate/main.ts", "--room", "attic")]);
  expect(sim).toEqual({
    out: "",
    err: "error: option '--seeds <count>' argument 'many' is invalid. It is no whole number of at least 1.\n",
    status: 2,
  });
  expect(mutate.status).toBe(2);
  expect(mutate.err).toMatch(/^error: .* Allowed choices are trust, .*\n$/);
});

test.each(["", " ", "many", "1.5", "-1", "0", "Infinity", "NaN"])("'%s' is no count", (text) => {
  expect(() => whole()(text)).toThrow("no whole number");
});

test("numbers and names are read, and nothing that is near to them", () => {
  expect([whole(0, 7)("0"), whole(0, 7)("7"), positive("0.1"), listOf(whole())("5,15")]).toEqual([0, 7, 0.1, [5, 15]]);
  expect(oneOf(["edict", "floor"])("floor")).toBe("floor");
  expect(() => whole(0, 7)("8")).toThrow("from 0 to 7");
  expect(() => positive("0")).toThrow("above 0");
  expect(() => positive("")).toThrow("above 0");
  expect(() => listOf(whole())("5,")).toThrow("no whole number");
  expect(() => oneOf(["edict", "floor"])("ceiling")).toThrow("There are edict, floor.");
});
