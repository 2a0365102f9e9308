/**
 * The second line: should rows of another tenant lie in one's own database after all (a copied file, a hostile administrator), they are
 * not there for its people.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepDraft } from "../../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { VERBS } from "./verbs.ts";
import { Side } from "./world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-smuggled-"));
const DEVICE = "urn:dev:ops:32473-b-1";
const NOBODYS = "urn:dev:ops:32473-nobody";
let a: Side;
let b: Side;

beforeAll(async () => {
  a = await Side.open(join(directory, "a"), "a.example");
  b = await Side.open(join(directory, "b"), "b.example");
  await b.import([DEVICE]);
  await b.draft("b-campaign");
  await b.approve("b-campaign");
  const [from, to] = [b, a].map(({ tenant }) => new SqliteCampaignStore(tenant.database));
  const campaign = from?.get("b-campaign");
  const device = b.tenant.fleet.byId(DEVICE);
  if (from === undefined || to === undefined || campaign === undefined || device === undefined)
    throw new Error("there is nothing to smuggle");
  a.tenant.fleet.upsert([device], { source: "import", atMs: 0 });
  keepDraft(to, { campaign, cohort: from.cohort(campaign.id), waves: [from.wave(campaign.id, 0)] });
}, 60_000);

afterAll(() => {
  for (const { tenant } of [a, b]) tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

test("abuse case 7, attack: rows of a neighbour in one's own database are as if they were not there", async () => {
  const before = a.contents();
  for (const verb of VERBS) {
    const nobodys = await verb.ask(a, NOBODYS);
    for (const id of ["b-campaign", DEVICE]) {
      const { status, text } = await verb.ask(a, id);
      expect([verb.route, status, text]).toEqual([verb.route, verb.status ?? 404, nobodys.text.replaceAll(NOBODYS, id)]);
    }
  }
  expect(await a.done("GET", "/status")).toMatchObject({ devices: 0, campaigns: [] });
  expect(await a.done("GET", "/campaigns")).toEqual({ campaigns: [] });
  expect(a.contents()).toBe(before);
});

test("and a gateway lets no such device in, whatever its certificate", () => {
  expect(a.tenant.intake.admit(DEVICE)).toEqual({ ok: false, reason: "ERR_CHANNEL_OTHER_TENANT" });
  expect(b.tenant.intake.admit(DEVICE)).toMatchObject({ ok: true, tenant: "b.example" });
});
