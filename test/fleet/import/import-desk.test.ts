/** Imports of any size: kept whole or not at all, whatever is killed on the way. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { parseCohortQuery } from "../../../src/fleet/cohort-query.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import { camera } from "../world.ts";
import { openDesk } from "./desk.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-import-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const COUNT = 30_000;
const PATIENCE_MS = 120_000;
const lines = Array.from(
  { length: COUNT },
  (_, index) => `${JSON.stringify(camera(index, { tags: [index % 2 === 0 ? "even" : "odd"] }))}\n`,
);
const path = join(directory, "devices.jsonl");
writeFileSync(path, lines.join(""));

function expectWhole(fleet: SqliteFleetStore): void {
  expect(fleet.count()).toBe(COUNT);
  expect(fleet.find(parseCohortQuery("tag==even")).size).toBe(COUNT / 2);
  const ids = [...fleet.ids(RoaringBitmap32.fromRange(0, COUNT))].map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: COUNT }, (_, index) => camera(index).id));
}

describe("the import desk", () => {
  test("keeps a file block by block, and says how far it is and who asked", async () => {
    const { desk, fleet, folder } = openDesk(directory);
    const { id } = await desk.receive(Bun.file(path).stream(), "jsonl", "author");
    const job = await desk.wait(id, PATIENCE_MS);
    expect(job).toMatchObject({ state: "kept", who: "author", added: COUNT, updated: 0, position: { lines: COUNT } });
    expectWhole(fleet);
    expect(fleet.provenance(COUNT - 1)?.others).toMatchObject({ source: "import", who: "author" });
    expect(readdirSync(folder)).toEqual([]);
    const again = await desk.receive(Bun.file(path).stream(), "jsonl", "author");
    expect(await desk.wait(again.id, PATIENCE_MS)).toMatchObject({ state: "kept", added: 0, updated: COUNT });
  });

  test.each([
    ["is checked", "killed-checking", ({ state }: Look) => state === "checking"],
    ["is kept", "killed-keeping", ({ lines: kept }: Look) => kept > 0],
  ])("goes on after kill -9 while a file %s, and each device is there once", async (_, name, isThen) => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "killed-import.ts"), directory, name, path], {
      stdout: "pipe",
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    const seen = await lookUntil(child.stdout, isThen);
    child.kill("SIGKILL");
    await child.exited;
    expect(seen.lines).toBeLessThan(COUNT);
    const { desk, fleet, store } = openDesk(directory, name);
    const [job] = store.unfinishedImports();
    expect(fleet.count()).toBe(job?.position.lines ?? Number.NaN);
    desk.resume();
    expect(await desk.wait(job?.id ?? "", PATIENCE_MS)).toMatchObject({ state: "kept", added: COUNT, updated: 0 });
    expectWhole(fleet);
  });

  test("says that the file is gone when it is, rather than wait for it", async () => {
    const { desk, store, folder } = openDesk(directory);
    const { id } = store.openImport({ id: "lost", format: "csv", who: "author", bytes: 9, startedMs: 1 });
    desk.resume();
    expect(await desk.wait(id, PATIENCE_MS)).toMatchObject({ state: "refused", error: { code: "ERR_FLEET_IMPORT_LOST" } });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("says that it stands still, and why, when the disk is full; the next start goes on", async () => {
    const { desk, fleet, database } = openDesk(directory, "full", () => {});
    database.run("PRAGMA max_page_count = 500");
    const { id } = await desk.receive(Bun.file(path).stream(), "jsonl", "author");
    const stopped = { code: "ERR_FLEET_IMPORT_STOPPED", message: expect.stringContaining("disk is full") };
    await expect(desk.wait(id, PATIENCE_MS)).rejects.toMatchObject(stopped);
    expect(fleet.count()).toBeLessThan(COUNT);
    database.close();
    const next = openDesk(directory, "full");
    next.desk.resume();
    expect(await next.desk.wait(id, PATIENCE_MS)).toMatchObject({ state: "kept", added: COUNT });
    expectWhole(next.fleet);
  });

  test("throws away what a kill cut off while it arrived", () => {
    const { folder, database } = openDesk(directory, "cut");
    writeFileSync(join(folder, "half.part"), "urn:dev");
    database.close();
    openDesk(directory, "cut");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("goes on in a CSV file with the header that the file has", async () => {
    const { desk, fleet, store, database } = openDesk(directory, "header");
    const header = "region,id,tenant,vendor,name,version,hardware\n";
    const rows = Array.from({ length: 20_000 }, (_, index) => `r${index % 7},${camera(index).id},isp.example,v,n,1,h\n`);
    const keepBlock = store.keepBlock.bind(store);
    // The power fails after the first block.
    store.keepBlock = (...block) => {
      keepBlock(...block);
      void desk.stop();
    };
    const { id } = await desk.receive(new Blob([header, ...rows]).stream(), "csv", "author");
    await desk.wait(id, PATIENCE_MS);
    expect(fleet.count()).toBeLessThan(20_000);
    database.close();
    const next = openDesk(directory, "header");
    next.desk.resume();
    expect(await next.desk.wait(id, PATIENCE_MS)).toMatchObject({ state: "kept", added: 20_000, updated: 0 });
    expect(next.fleet.byOrdinal(19_999)?.region).toBe(`r${19_999 % 7}`);
  });
});

interface Look {
  readonly state: string;
  readonly lines: number;
}

async function lookUntil(stream: ReadableStream<Uint8Array>, isEnough: (look: Look) => boolean): Promise<Look> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const whole = text.split("\n");
    text = whole.pop() ?? "";
    for (const line of whole) {
      const look = JSON.parse(line) as Look;
      if (isEnough(look)) return look;
    }
  }
  throw new Error(`the import ended, or ran for ${PATIENCE_MS} ms, before it was to be killed`);
}
