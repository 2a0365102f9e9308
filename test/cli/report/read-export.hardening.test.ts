/** A report from an export whose files somebody has changed, and who also mended the list of what was written. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { EXPORT_PARTS, EXPORT_SCHEMA, type ExportManifest, type ExportPart } from "../../../src/after-action/index.ts";
import { MANIFEST_FILE, partFile } from "../../../src/cli/report/export-folder.ts";
import { reportFromExport } from "../../../src/cli/report/read-export.ts";
import { EXPORT_LINE_CHARACTERS_MAX } from "../../../src/cli/limits.ts";
import { readDirectors } from "../../../src/server/state-directory.ts";
import type { Director } from "../../../src/trust/director.ts";
import { Side } from "../../server/tenancy/world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-export-"));
const [kept, changed] = [join(directory, "kept"), join(directory, "changed")];
let side: Side;
let directors: readonly Director[];
let strangers: readonly Director[];
let served: object;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  const stranger = await Side.open(join(directory, "stranger"), "other.example");
  [directors, strangers] = [side, stranger].map(({ tenant }) => readDirectors(tenant.state.paths)) as [Director[], Director[]];
  stranger.tenant.database.close();
  await side.import(["urn:dev:ops:32473-cam-0", "urn:dev:ops:32473-cam-1", "urn:dev:ops:32473-cam-2"]);
  await side.draft("wc17");
  await side.approve("wc17");
  side.tenant.intake.commit([{ kind: "connected", ordinal: 1, atMs: Date.now() }]);
  const exportedMs = Date.now();
  mkdirSync(kept);
  for (const part of EXPORT_PARTS) writeFileSync(partFile(kept, part), await (await side.answer(`/campaigns/wc17/export/${part}`)).text());
  list(kept, exportedMs);
  served = (await side.done("GET", `/campaigns/wc17/report?format=json&at=${exportedMs}`)) as object;
}, 60_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => cpSync(kept, changed, { recursive: true, force: true }));

/** As whoever writes the export does. */
function list(folder: string, exportedMs: number): void {
  const entries = EXPORT_PARTS.map((part) => {
    const bytes = readFileSync(partFile(folder, part));
    return [part, { sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"), bytes: bytes.length }];
  });
  const manifest = { schema: EXPORT_SCHEMA, campaignId: "wc17", exportedMs, files: Object.fromEntries(entries) };
  writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(manifest));
}

function change(part: ExportPart, how: (text: string) => string): void {
  const before = readFileSync(partFile(changed, part), "utf8");
  const after = how(before);
  expect(after).not.toBe(before);
  writeFileSync(partFile(changed, part), after);
  list(changed, (JSON.parse(readFileSync(join(changed, MANIFEST_FILE), "utf8")) as ExportManifest).exportedMs);
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

test("without its list mended, any change is found", async () => {
  writeFileSync(partFile(changed, "evidence"), "");
  await refuse("evidence.jsonl is not as it was exported");
});

test("a part that is missing is named", async () => {
  unlinkSync(partFile(changed, "orders"));
  await expect(read()).rejects.toMatchObject({ code: "ERR_CLI_FILE", message: expect.stringContaining("orders.jsonl") });
});
