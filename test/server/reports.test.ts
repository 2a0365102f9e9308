/** The after-action as the API gives it: rows as a stream, counts from what was kept, and a look into the past that changes nothing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceRow, Report } from "../../src/after-action/index.ts";
import { Side } from "./tenancy/world.ts";

const DEVICES = 1_500;
const directory = mkdtempSync(join(tmpdir(), "edict-reports-"));
let side: Side;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  await side.import(Array.from({ length: DEVICES }, (_, index) => `urn:dev:ops:32473-cam-${index}`));
  await side.draft("wc17");
  await side.approve("wc17");
}, 60_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

const report = async (query: string) => (await side.call("GET", `/campaigns/wc17/report?${query}`)).text;

test("a look into the past changes no verdict; a report of now does", async () => {
  const atMs = Date.now();
  side.tenant.intake.commit([{ kind: "connected", ordinal: 0, atMs: atMs + 1 }]);
  const before = side.contents();
  const past = JSON.parse(await report(`format=json&at=${atMs}`)) as Report;
  expect(past.verdicts).toMatchObject({ unreachable: DEVICES });
  expect(side.contents()).toBe(before);
  expect((JSON.parse(await report(`format=json&at=${atMs + 1}`)) as Report).verdicts).toMatchObject({
    unreachable: DEVICES - 1,
    unknown: 1,
  });
  await report("format=json");
  expect(side.contents()).not.toBe(before);
});

test("counts are those of the last judgement, and of one now when there was none", async () => {
  await side.draft("another");
  for (const id of ["wc17", "another"]) {
    const counts = (await side.done("GET", `/campaigns/${id}/counts`)) as { readonly judgedMs: number };
    expect(counts).toMatchObject({ id, targeted: DEVICES, verdicts: { unreachable: DEVICES - 1, verified: 0 } });
    expect(await side.done("GET", `/campaigns/${id}/counts`)).toEqual(counts);
  }
});

test("there is a row for every device, in each format that has rows", async () => {
  expect((await report("format=csv")).trimEnd().split("\r\n")).toHaveLength(DEVICES + 1);
  const rows = (await report("format=jsonl")).trimEnd().split("\n");
  expect(rows.map((line) => (JSON.parse(line) as DeviceRow).ordinal)).toEqual(Array.from({ length: DEVICES }, (_, ordinal) => ordinal));
});

test("each format has its media type", async () => {
  const types = { json: "application/json", pdf: "application/pdf", csv: "text/csv", cra: "text/markdown", html: "text/html" };
  for (const [format, type] of Object.entries(types)) {
    const answer = await side.answer(`/campaigns/wc17/report?format=${format}`);
    expect(answer.headers.get("content-type")).toStartWith(type);
  }
});

test("a reader that goes away in the middle ends the judging", async () => {
  const { body } = await side.answer("/campaigns/wc17/report?format=jsonl");
  const reader = body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(60_000);
  await reader?.cancel();
  expect(JSON.parse(await report("format=json"))).toMatchObject({ targeted: DEVICES });
});
