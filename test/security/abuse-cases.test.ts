/** docs/security/abuse-cases.md says where each abuse case is held: the tests that it names are there, and no case is without one. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ATTACKS } from "../../lab/attack/catalogue.ts";

const ROOT = join(import.meta.dir, "../..");
const LIVE = "npm run attack";
/** Of TUF 1.0 §1.5.2 and of Uptane, as the page names them. */
const TUF_ATTACKS = [
  "arbitrary installation",
  "endless data",
  "extraneous dependencies",
  "fast-forward",
  "indefinite freeze",
  "malicious mirror",
  "mix-and-match",
  "rollback",
  "slow retrieval",
  "key compromise",
  "wrong software",
  "drop-request",
  "partial bundle",
  "eavesdrop",
];

const rows = readFileSync(join(ROOT, "docs/security/abuse-cases.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, caseName = "", control = "", where = "", title = ""] = /^\| (\S.*?) \| ?(.*?) \| `([^`]+)` \| (.+) \|$/.exec(line) ?? [];
    return title === "" ? [] : [{ caseName, control, where, title }];
  });

test("all eighteen cases have a control and a test, and so have the fourteen attacks of TUF and Uptane", () => {
  const tested = rows.filter(({ where }) => where !== LIVE);
  for (let number = 1; number <= 18; number += 1) {
    const isOf = ({ caseName }: { readonly caseName: string }) => caseName.split(" ")[0] === String(number);
    expect([number, rows.find(isOf)?.control]).toEqual([number, expect.stringMatching(/./)]);
    expect([number, tested.some(isOf)]).toEqual([number, true]);
  }
  for (const name of TUF_ATTACKS) expect(tested.map(({ caseName }) => caseName)).toContain(`8 ${name}`);
});

test("npm run attack makes every case and every one of the fourteen", () => {
  const ids = ATTACKS.map(({ id }) => id);
  for (let number = 1; number <= 18; number += 1) if (number !== 8) expect(ids).toContain(String(number));
  for (const name of TUF_ATTACKS) expect(ids).toContain(`8-${name.replaceAll(" ", "-")}`);
  expect(new Set(ids).size).toBe(ids.length);
});

const named = [
  ...rows.filter(({ where }) => where !== LIVE).map(({ where, title }) => ({ file: where, title })),
  ...ATTACKS.flatMap(({ tests = [] }) => tests.flatMap(({ file, titles }) => titles.map((title) => ({ file, title })))),
];

describe("a test that is named is there, and not switched off", () => {
  test.each(named.map(({ file, title }) => [file, title] as const))("%s: %s", (file, title) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(titlesIn(readFileSync(join(ROOT, file), "utf8")).some((written) => written.includes(title))).toBe(true);
  });
});

test("a live attack that is named is one", () => {
  for (const { title } of rows.filter(({ where }) => where === LIVE)) {
    expect([title, ATTACKS.find(({ id }) => id === title)?.run]).toEqual([title, expect.any(Function)]);
  }
});

/** The first argument of every call that begins with a text, but for tests that are switched off. */
function titlesIn(source: string): readonly string[] {
  const calls = /(?<!\.(?:skip|todo))\(\s*(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)\s*,/g;
  return [...source.matchAll(calls)].flatMap(([, double, single, template]) => double ?? single ?? template ?? []);
}
