/**
 * Abuse case 7, at the management API: whoever holds tokens of one tenant and ids of another. Every verb on every id; the answer has to
 * be the one that an id gets which nobody has, and nothing may have changed, here or there.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ids, settle } from "./ids.ts";
import { VERBS, type Verb } from "./verbs.ts";
import { Side } from "./world.ts";

const PAIRS_MIN = 100_000;
const NOBODYS = "urn:dev:ops:32473-nobody-has-this-id";
const directory = mkdtempSync(join(tmpdir(), "edict-tenancy-"));

interface Peopled {
  readonly side: Side;
  readonly ids: Ids;
}
let a: Peopled;
let b: Peopled;

beforeAll(async () => {
  const make = async (name: string, seed: number): Promise<Peopled> => {
    const side = await Side.open(join(directory, name), name);
    return { side, ids: await settle(side, seed) };
  };
  a = await make("a.example", 1);
  b = await make("b.example", 2);
}, 120_000);

afterAll(() => {
  for (const { side } of [a, b]) side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The pairs whose answer differs from that for nobody's id. */
async function differing(asker: Side, verb: Verb, ids: readonly string[]): Promise<readonly string[]> {
  const nobodys = await verb.ask(asker, NOBODYS);
  expect([verb.route, nobodys.status]).toEqual([verb.route, verb.status ?? 404]);
  const different: string[] = [];
  for (const id of ids) {
    const { status, text } = await verb.ask(asker, id);
    // The id itself stands in the message, as it was given.
    const isSame = status === nobodys.status && text === nobodys.text.replaceAll(NOBODYS, () => JSON.stringify(id).slice(1, -1));
    if (!isSame) different.push(`${verb.route} of ${id}: ${status} ${text}`);
  }
  return different;
}

const allIds = ({ ids }: Peopled) => Object.values(ids).flat();

describe("abuse case 7, attack: ids of another tenant, with a token of one's own", () => {
  test("100,000 different pairs of a route and a neighbour's id: what nobody has, and nothing changes", async () => {
    const before = [a.side.contents(), b.side.contents()];
    const pairs = new Set<string>();
    for (const [asker, neighbour] of [
      [a, b],
      [b, a],
    ] as const) {
      const ids = allIds(neighbour);
      for (const [index, verb] of VERBS.entries()) {
        // It is the route that looks an id up: a second way to ask the same one meets every tenth.
        const isFirst = VERBS.findIndex(({ route }) => route === verb.route) === index;
        const asked = isFirst ? ids : ids.filter((_, at) => at % 10 === 0);
        expect(await differing(asker.side, verb, asked)).toEqual([]);
        for (const id of asked) pairs.add(`${verb.route} ${id}`);
      }
    }
    expect(pairs.size).toBeGreaterThanOrEqual(PAIRS_MIN);
    expect([a.side.contents(), b.side.contents()]).toEqual(before);
  }, 300_000);

  test("no list, status, ledger or figure names anything of a neighbour's", async () => {
    const ids = allIds(b);
    for (const path of ["/status", "/campaigns", "/gateway", "/deny", "/trust", "/ledger", "/enrolment/requests", "/metrics"]) {
      const { status, text } = await a.side.call("GET", path);
      expect([path, status, ids.filter((id) => id.length > 8 && text.includes(JSON.stringify(id).slice(1, -1)))]).toEqual([path, 200, []]);
    }
  }, 60_000);

  test("an id that a neighbour has may be used, which tells nothing of the neighbour", async () => {
    const [device = "", campaign = ""] = [b.ids.device[0], b.ids.campaign[0]];
    const before = b.side.contents();
    await a.side.import([device]);
    await a.side.draft(campaign);
    expect(b.side.contents()).toBe(before);
    expect((await a.side.call("GET", `/campaigns/${encodeURIComponent(campaign)}`)).text).not.toContain("b.example");
  }, 60_000);

  test("of every verb the own id is found: it is the tenant that is asked for, not the id's form", async () => {
    for (const [index, { route, finds, ask }] of VERBS.entries()) {
      // Each its own: what one has decided another does not find.
      const answers = await Promise.all(b.ids[finds].slice(2 * index, 2 * index + 2).map((id) => ask(b.side, id)));
      expect([route, answers.map(({ text }) => /ERR_\w+_(NOT_FOUND|UNKNOWN)\b/.test(text))]).toEqual([route, [false, false]]);
    }
  }, 60_000);

  test("every verb of the API that takes an id is among those that were tried", async () => {
    const { paths } = JSON.parse((await a.side.call("GET", "/openapi.json")).text) as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
    const tried = new Set(VERBS.map(({ route }) => route));
    expect(routes.filter((route) => route.includes("{") && !tried.has(route))).toEqual([]);
    expect([...tried].filter((route) => !routes.includes(route))).toEqual([]);
  });
});
