/** A campaign's load before anything is sent, and plan against outcome afterwards: from sent marks, download records and deltas. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderLoad } from "../../src/cli/render-load.ts";
import { plannedStartMs } from "../../src/campaign/load-curve.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { publishRelease, type RepositoryKeys } from "../../src/depot/repository.ts";
import { deltasOf, readRepository } from "../../src/depot/repository/read.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { LOAD_SLICE_DEVICES } from "../../src/server/limits.ts";
import { type LoadReport, loadReport } from "../../src/server/load-report.ts";
import { clock, factsOf, Side } from "./tenancy/world.ts";

const COUNT = LOAD_SLICE_DEVICES + 200;
const IDS = Array.from({ length: COUNT }, (_, index) => `urn:dev:ops:32473-cam-${index}`);
const SPREAD_MS = 240_000;
const OLD = crypto.getRandomValues(new Uint8Array(60_000));
const NEW = OLD.map((byte, index) => (index % 20_000 === 0 ? byte ^ 0x55 : byte));

const directory = mkdtempSync(join(tmpdir(), "edict-load-"));
let side: Side;
let deltaBytes = 0;

beforeAll(async () => {
  side = await Side.open(directory, "isp.example");
  const { paths } = side.tenant.state;
  const keys = JSON.parse(readFileSync(join(paths.repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  const said = { vendor: "famousMaker", name: "famousModel", hardware: [], source: "https://updates.famousmaker.ce/patch" };
  const publish = (version: string, counter: number, image: Uint8Array, deltasFrom: readonly string[]) =>
    publishRelease(paths.depot, { keys, release: { ...said, version, counter }, image, deltasFrom, nowMs: Date.now() });
  await publish("2.4.0", 3, OLD, []);
  await publish("2.5.0", 4, NEW, ["2.4.0"]);
  deltaBytes = deltasOf((await readRepository(paths.depot)).targets)[0]?.size ?? 0;
  // Every third one is in the west and runs what there is a delta from.
  const devices = IDS.map((id, index) => ({
    ...factsOf(id, side.name),
    ...(index % 3 === 0 ? { region: "west", version: "2.4.0" } : { region: "east", version: "1.2.3" }),
  }));
  await side.done("POST", "/devices?format=jsonl", devices.map((device) => JSON.stringify(device)).join("\n"));
  const software = { vendor: "famousMaker", name: "famousModel", new_version: "2.5.0" };
  const command = { action: "update", target: { "x-swup:software": software }, args: { response_requested: "none" }, command_id: "wc25" };
  const ladder = { canaryCount: 20, controlCount: 0 };
  const drafted = await side.done("POST", "/campaigns", { command, expiresInMs: 600_000, spreadMs: SPREAD_MS, ladder });
  expect(drafted).toMatchObject({ dryRun: { devices: COUNT, savedBytes: (COUNT / 3) * (NEW.length - deltaBytes) } });
}, 30_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

const load = async () => (await side.done("GET", "/campaigns/wc25/load")) as LoadReport;
function kept() {
  const campaigns = new SqliteCampaignStore(side.tenant.database);
  const campaign = campaigns.get("wc25");
  if (campaign === undefined) throw new Error("there is no campaign");
  return { campaigns, campaign };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test("before anything is sent it is the largest wave's, told at one instant, each device with what it has to fetch", async () => {
  const { isUnderWay, spreadMs, planned, seen } = await load();
  expect([isUnderWay, spreadMs, seen.buckets]).toEqual([false, SPREAD_MS, []]);
  const largest = Math.max(...side.tenant.service.campaign("wc25").waves.map(({ count }) => count));
  expect(sum(planned.buckets.map(({ devices }) => devices))).toBe(largest);
  expect(planned.regions.map(({ region }) => region).toSorted()).toEqual(["east", "west"]);
  expect(planned.buckets.length * planned.bucketMs).toBeLessThanOrEqual(SPREAD_MS + 2 * planned.bucketMs);
});

test("of a large campaign some devices stand for the others, and it is said", async () => {
  const { campaigns, campaign } = kept();
  const largest = Math.max(...campaign.waves.map(({ count }) => count));
  // Every third device is in the west: a sample of every third would see one region.
  const some = await loadReport(campaign, { ...side.tenant, campaigns, clock }, largest / 3);
  const all = await load();
  expect([all.everyNth, some.everyNth]).toEqual([1, 3]);
  for (const of of ["devices", "bytes"] as const) {
    const [estimate, truth] = [some, all].map(({ planned }) => sum(planned.buckets.map((bucket) => bucket[of])));
    expect(Math.abs((estimate ?? 0) / (truth ?? 1) - 1)).toBeLessThan(0.1);
  }
  expect(renderLoad(some)[1]).toBe("One device of 3 was looked at, and stands for the others.");
  expect(renderLoad(all)[1]).not.toContain("stands for");
});

test("once devices are told it is theirs, by their own starts, and the depot's records stand beside it", async () => {
  const { tenant } = side;
  const { campaigns, campaign } = kept();
  campaigns.put({ ...campaign, wave: campaign.waves.length - 1 });
  const toldMs = Date.now();
  const told = IDS.slice(0, 600).map((id) => ({ id, ordinal: tenant.fleet.byId(id)?.ordinal ?? -1 }));
  const evidence = told.flatMap(({ id, ordinal }, index): Evidence[] => {
    const startMs = plannedStartMs(id, { toldMs, commandId: "wc25", spreadMs: SPREAD_MS });
    const sent = { kind: "sent", ordinal, atMs: toldMs, commandId: "wc25" } as const;
    // Sent twice, through two gateways: it starts once, by the first.
    const twice = { ...sent, atMs: toldMs + 5_000 };
    const bytes = index % 3 === 0 ? deltaBytes : NEW.length;
    return [sent, twice, { kind: "download", ordinal, atMs: startMs, sha256: "", bytes, complete: true }];
  });
  tenant.intake.record(evidence);
  const { isUnderWay, planned, seen } = await load();
  expect(isUnderWay).toBe(true);
  expect(sum(planned.buckets.map(({ bytes }) => bytes))).toBe(400 * NEW.length + 200 * deltaBytes);
  // These devices did as they were told, to the millisecond.
  expect(seen).toEqual(planned);
  const lines = renderLoad(await load());
  expect(lines[0]).toBe("Planned from who was told when; devices start over 4.0 min.");
  expect(lines.at(-1)).toEndWith(", 1.00 of what was planned");
});

test("of a canary of a large campaign nobody stands for another", async () => {
  const { campaigns, campaign } = kept();
  const ofCanary = await loadReport({ ...campaign, wave: 0 }, { ...side.tenant, campaigns, clock }, COUNT / 3);
  expect([ofCanary.everyNth, ofCanary.isUnderWay]).toEqual([1, true]);
});
