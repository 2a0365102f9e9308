/** Download records as evidence: a delta names the image that it makes, and a repository that cannot be read costs no evidence. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { judge } from "../../src/after-action/index.ts";
import { publishRelease, type RepositoryKeys } from "../../src/depot/repository.ts";
import { deltasOf, readRepository } from "../../src/depot/repository/read.ts";
import { DeltaBook } from "../../src/server/delta-book.ts";
import { DownloadRecorder } from "../../src/server/download-recorder.ts";
import { CONTEXT } from "../after-action/world.ts";
import { Side } from "./tenancy/world.ts";

const DEVICE = "urn:dev:ops:32473-cam-0";
const directory = mkdtempSync(join(tmpdir(), "edict-downloads-"));
let side: Side;
let delta: { readonly sha256: string; readonly to: string };

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  await side.import([DEVICE]);
  const { paths } = side.tenant.state;
  const keys = JSON.parse(readFileSync(join(paths.repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  const software = { vendor: "famousMaker", name: "famousModel", version: "2.4.0", counter: 3, hardware: [] };
  await publishRelease(paths.depot, {
    keys,
    release: { ...software, source: "https://updates.famousmaker.ce/patch" },
    image: new Uint8Array(1_000).fill(1, 500),
    deltasFrom: ["2.3.4"],
    nowMs: Date.now(),
  });
  [delta = { sha256: "", to: "" }] = deltasOf((await readRepository(paths.depot)).targets);
}, 60_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function recorded(depot: string, sha256: string) {
  const { intake, fleet } = side.tenant;
  const recorder = new DownloadRecorder({ intake, fleet, watch: { fetched: () => {} }, deltas: new DeltaBook(depot) });
  recorder.add({ deviceId: DEVICE, sha256, fromByte: 0, bytes: 100, complete: true, atMs: CONTEXT.decidedMs + 5_000 });
  await recorder.flush();
  return [...fleet.evidence(new RoaringBitmap32([0]), 0)].at(-1);
}

test("a device that fetched a delta has fetched the release that it makes", async () => {
  const item = await recorded(side.tenant.state.paths.depot, delta.sha256);
  expect(item).toMatchObject({ kind: "download", sha256: delta.sha256, makes: delta.to });
  const evidence = [
    { kind: "sent", ordinal: 0, atMs: CONTEXT.decidedMs + 1, commandId: CONTEXT.queryCommandId } as const,
    ...(item === undefined ? [] : [item]),
    { kind: "connected", ordinal: 0, atMs: CONTEXT.decidedMs + 1 } as const,
  ];
  expect(judge({ ordinal: 0 }, evidence, { ...CONTEXT, sha256: delta.to }).because).toStartWith("fetched the whole release");
  expect(judge({ ordinal: 0 }, evidence, { ...CONTEXT, sha256: "ef".repeat(32) }).because).not.toContain("fetched");
});

test("an image makes nothing but itself", async () => {
  expect(await recorded(side.tenant.state.paths.depot, delta.to)).not.toHaveProperty("makes");
});

test("when the repository cannot be read the evidence is kept all the same", async () => {
  expect(await recorded(join(directory, "nothing-here"), delta.sha256)).toMatchObject({ kind: "download", complete: true });
});
