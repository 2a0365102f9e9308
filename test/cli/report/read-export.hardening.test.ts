/** A report from an export whose files somebody has changed, and who also mended the list of what was written. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { EXPORT_PARTS, EXPORT_SCHEMA, type ExportManifest, type ExportPart } from "../../../src/after-action/index.ts";
import { MANIFEST_FILE, partFile } from "../../../src/cli/report/export-folder.ts";
import { reportFromExport } from "../../../src/cli/report/read-export.ts";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { EXPORT_LINE_CHARACTERS_MAX } from "../../../src/cli/limits.ts";
import { readDirectors } from "../../../src/server/state-directory.ts";
import type { Director } from "../../../src/trust/director.ts";
import { Side } from "../../server/tenancy/world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-export-"));
const [kept, changed, open] = ["kept", "changed", "open"].map((name) => join(directory, name)) as [string, string, string];
let side: Side;
let directors: readonly Director[];
let strangers: readonly Director[];
let served: object;
/** Of the campaign that a device has joined. */
let servedOpen: object;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  const stranger = await Side.open(join(directory, "stranger"), "other.example");
  [directors, strangers] = [side, stranger].map(({ tenant }) => readDirectors(tenant.state.paths)) as [Director[], Director[]];
  stranger.tenant.database.close();
  await side.import(["urn:dev:ops:32473-cam-0", "urn:dev:ops:32473-cam-1", "urn:dev:ops:32473-cam-2"]);
  await side.draft("wc17");
  await side.approve("wc17");
  side.tenant.intake.commit([{ kind: "connected", ordinal: 1, atMs: Date.now() }]);
  await side.draft("open", { newcomersMax: 1 });
  await side.approve("open");
  await side.import(["urn:dev:ops:32473-cam-3"]);
  joined("open", 3);
  served = await exported("wc17", kept);
  servedOpen = await exported("open", open);
}, 60_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => cpSync(kept, changed, { recursive: true, force: true }));

/** As the planner's turn leaves it. */
function joined(id: string, ordinal: number): void {
  const store = new SqliteCampaignStore(side.tenant.database);
  const campaign = store.get(id);
  if (campaign === undefined) throw new Error(`there is no campaign ${id}`);
  const index = campaign.waves.length;
  store.addWave(id, index, RoaringBitmap32.from([ordinal]));
  store.put({ ...campaign, waves: [...campaign.waves, { index, count: 1, isJoined: true }], targeted: campaign.targeted + 1 });
}

/** Says the report of the same moment. */
async function exported(id: string, folder: string): Promise<object> {
  const exportedMs = Date.now();
  mkdirSync(folder);
  for (const part of EXPORT_PARTS)
    writeFileSync(partFile(folder, part), await (await side.answer(`/campaigns/${id}/export/${part}`)).text());
  list(folder, id, exportedMs);
  return (await side.done("GET", `/campaigns/${id}/report?format=json&at=${exportedMs}`)) as object;
}

/** As whoever writes the export does. */
function list(folder: string, campaignId: string, exportedMs: number): void {
  const entries = EXPORT_PARTS.map((part) => {
    const bytes = readFileSync(partFile(folder, part));
    return [part, { sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"), bytes: bytes.length }];
  });
  const manifest = { schema: EXPORT_SCHEMA, campaignId, exportedMs, files: Object.fromEntries(entries) };
  writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(manifest));
}

function change(part: ExportPart, how: (text: string) => string): void {
  const before = readFileSync(partFile(changed, part), "utf8");
  const after = how(before);
  expect(after).not.toBe(before);
  writeFileSync(partFile(changed, part), after);
  const { campaignId, exportedMs } = JSON.parse(readFileSync(join(changed, MANIFEST_FILE), "utf8")) as ExportManifest;
  list(changed, campaignId, exportedMs);
}

const read = (known = directors) => reportFromExport(changed, { directors: known });
const refuse = (message: string, known = directors) =>
  expect(read(known)).rejects.toMatchObject({ code: "ERR_AFTER_ACTION_EXPORT", message: expect.stringContaining(message) });

test("unchanged it is the server's report, byte for byte", async () => {
  expect(JSON.stringify(await read())).toBe(JSON.stringify(served));
});

describe("attack: the export was changed, and its list with it", () => {
  test("another campaign's permit, larger than the one that was signed", async () => {
    change("campaign", (text) => text.replace('"count_max":3', '"count_max":3000000'));
    await refuse("not the one that people signed");
  });
  test("a permit signed by people whom nobody here knows", () => refuse("signed by nobody whom the directors given here list", strangers));
  test("a device less in the cohort", async () => {
    const base64 = new RoaringBitmap32([0, 1]).serialize("portable").toBase64();
    change("cohort", () => `${JSON.stringify({ base64 })}\n`);
    await refuse("the cohort is not the one of the permit");
  });
  test("a device left out", async () => {
    change("devices", (text) => text.slice(text.indexOf("\n") + 1));
    await expect(read()).rejects.toMatchObject({ code: "ERR_AFTER_ACTION_COUNT" });
  });
  test("a device twice", async () => {
    change("devices", (text) => text.slice(0, text.indexOf("\n") + 1) + text);
    await expect(read()).rejects.toMatchObject({ code: "ERR_AFTER_ACTION_ORDER" });
  });
  test("a device that was not targeted", async () => {
    change("devices", (text) => text.replace('"ordinal":2', '"ordinal":7'));
    await refuse("device 7 is not in the cohort");
  });
  test("who decided, in the ledger", async () => {
    change("ledger", (text) => text.replace('"actor":"author"', '"actor":"nobody"'));
    await refuse("the ledger is broken at entry");
  });
  test("evidence of a kind that there is not", async () => {
    change("evidence", (text) => text.replace('"connected"', '"sworn"'));
    await refuse("line 1 of evidence: $.kind");
  });
  test("a line that would not end", async () => {
    change("evidence", (text) => text + "x".repeat(2 * EXPORT_LINE_CHARACTERS_MAX));
    await refuse(`longer than ${EXPORT_LINE_CHARACTERS_MAX} characters`);
  });
});

describe("a campaign that devices joined", () => {
  beforeEach(() => cpSync(open, changed, { recursive: true, force: true }));

  test("gives the server's report, byte for byte, with them in it", async () => {
    const report = await read();
    expect(JSON.stringify(report)).toBe(JSON.stringify(servedOpen));
    expect(report).toMatchObject({ targeted: 4, waves: [{}, { count: 1, isJoined: true }] });
  });
  test("attack: one more than people signed", async () => {
    change("devices", (text) => text.replace('"ordinal":2', '"ordinal":7'));
    await refuse("more newcomers joined than the 1 that people signed");
  });
  test("attack: one of another model than people signed", async () => {
    change("devices", (text) => text.replace(/"famousModel"(?![\s\S]*"famousModel")/, '"otherModel"'));
    await refuse("device 3 is not in the cohort, and is no newcomer that the permit allows");
  });
  test("attack: a wave of newcomers that the campaign's number of devices does not hold", async () => {
    change("campaign", (text) => text.replace('"targeted":4', '"targeted":5'));
    await refuse("the cohort has 3 devices, 1 joined, and the campaign has 5");
  });
});

test("without its list mended, any change is found", async () => {
  writeFileSync(partFile(changed, "evidence"), "");
  await refuse("evidence.jsonl is not as it was exported");
});

test("a part that is missing is named", async () => {
  unlinkSync(partFile(changed, "orders"));
  await expect(read()).rejects.toMatchObject({ code: "ERR_CLI_FILE", message: expect.stringContaining("orders.jsonl") });
});
