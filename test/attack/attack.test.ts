/** The live part of `npm run attack`: a platform of real processes is attacked, and a hostile manager, gateway, depot or database alone gains nothing. */
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Blow } from "../../lab/attack/attack.ts";
import { ATTACKS } from "../../lab/attack/catalogue.ts";

interface Told {
  readonly ok: boolean;
  readonly broke?: string;
  readonly attacks: readonly { readonly id: string; readonly blows: readonly Blow[] }[];
}

let told: Told;
let narrated: string;

beforeAll(async () => {
  const run = [process.execPath, join(import.meta.dir, "../../lab/attack/main.ts"), "--live", "--json"];
  const child = Bun.spawn(run, { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  narrated = err;
  told = JSON.parse(out) as Told;
}, 400_000);

test("npm run attack -- --live ends well", () => {
  expect([told.ok, told.broke], narrated).toEqual([true, undefined]);
});

test.each(ATTACKS.filter(({ run }) => run !== undefined).map(({ id, title }) => [id, title] as const))("attack %s: %s", (id) => {
  const { blows = [] } = told.attacks.find((attack) => attack.id === id) ?? {};
  expect(blows.length).toBeGreaterThan(0);
  expect(blows.filter(({ held }) => !held)).toEqual([]);
});
