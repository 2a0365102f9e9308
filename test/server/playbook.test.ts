/** Playbooks at the API: kept whole or not at all, one step after the other, and refused with the place of what is wrong. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CampaignView, PlaybookDraftView } from "../../src/server/api/views.ts";
import { Side } from "./tenancy/world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-playbook-"));
let side: Side;
let number = 0;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  await side.import(["urn:dev:ops:32473-a", "urn:dev:ops:32473-b"]);
}, 30_000);
beforeEach(() => {
  number += 1;
});
afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

const args = { response_requested: "none" };
const stop = (id: string, change: object = {}) => ({
  command: { action: "stop", target: { process: { name: "dvrHelper" } }, args, command_id: id },
  query: "vendor==famousMaker;name==famousModel",
  expiresInMs: 600_000,
  ...change,
});
const update = (id: string, version = "2.3.4") => ({
  command: {
    action: "update",
    target: { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: version } },
    args,
    command_id: id,
  },
  expiresInMs: 600_000,
});
const post = async (body: object) => {
  const { status, text } = await side.call("POST", "/playbooks", body);
  return { status, ...(JSON.parse(text) as { error: { code: string; message: string } }) };
};
const kept = async () => ((await side.done("GET", "/campaigns")) as { campaigns: CampaignView[] }).campaigns.map(({ id }) => id);
const [first, second, name] = [() => `stop-${number}`, () => `update-${number}`, () => `webcams-${number}`];

test("every step is a campaign that begins when the one before it is done, and says which playbook it is of", async () => {
  const steps = [stop(first()), update(second())];
  const drafted = (await side.done("POST", "/playbooks", { playbook: name(), steps })) as PlaybookDraftView;
  expect(drafted.steps).toMatchObject([
    { dryRun: { devices: 2, totalBytes: 0, spreadMs: 0 }, campaign: { id: first(), playbook: name(), state: "draft" } },
    { dryRun: { devices: 2, totalBytes: 2_000 }, campaign: { id: second(), playbook: name(), after: first() } },
  ]);
  const { campaigns } = (await side.done("GET", `/campaigns?playbook=${name()}`)) as { campaigns: CampaignView[] };
  expect(campaigns.map(({ id }) => id)).toEqual([first(), second()]);
  expect((await side.call("GET", "/ledger")).text).toContain(`"command":"stop process","targeted":2`);
});

test("a dry run shows every step and keeps none", async () => {
  const before = await kept();
  const steps = [stop(first()), update(second())];
  const shown = (await side.done("POST", "/playbooks", { playbook: name(), steps, dryRun: true })) as PlaybookDraftView;
  expect(shown.steps.map(({ dryRun, campaign }) => [dryRun.devices, campaign])).toEqual([
    [2, undefined],
    [2, undefined],
  ]);
  expect(await kept()).toEqual(before);
});

test.each<[string, () => object[], string, string]>([
  ["a release that is not there", () => [stop(first()), update(second(), "9.9.9")], "ERR_SERVER_NOT_FOUND", "step 2 (update-"],
  ["nobody selected", () => [stop(first()), stop(second(), { query: "name==other" })], "ERR_CAMPAIGN_EMPTY", "step 2 (update-"],
  ["a stop that names no devices", () => [stop(first(), { query: undefined })], "ERR_CAMPAIGN_COMMAND", "step 1 (stop-"],
  ["one id for two steps", () => [stop(first()), stop(first())], "ERR_CAMPAIGN_EXISTS", "stop-"],
  ["a member that there is not", () => [stop(first()), { ...update(second()), emergency: true }], "ERR_SERVER_REQUEST", "$.steps.1"],
  ["another order than the file's", () => [stop(first()), { ...update(second()), after: "x" }], "ERR_SERVER_REQUEST", "$.steps.1"],
  [
    "a command that no campaign carries",
    () => [{ ...stop(first()), command: { action: "delete" } }],
    "ERR_SERVER_REQUEST",
    "$.steps.0.command",
  ],
  ["no step at all", () => [], "ERR_SERVER_REQUEST", "$.steps"],
])("refused whole: %s", async (_, steps, code, place) => {
  const before = await kept();
  const { error } = await post({ playbook: name(), steps: steps() });
  expect(error).toMatchObject({ code, message: expect.stringContaining(place) });
  expect(await kept()).toEqual(before);
});

test("a name is used once, by a playbook or by a campaign", async () => {
  await side.draft(`plain-${number}`);
  for (const taken of ["webcams-1", `plain-${number}`]) {
    const { error } = await post({ playbook: taken, steps: [stop(first())] });
    expect(error.code).toBe("ERR_CAMPAIGN_EXISTS");
  }
  for (const [playbook, id] of [
    [name(), name()],
    [name(), "webcams-1"],
  ] as const) {
    const { error } = await post({ playbook, steps: [stop(id)] });
    expect(error).toMatchObject({ code: "ERR_CAMPAIGN_EXISTS", message: expect.stringContaining("the name of a playbook") });
  }
});
