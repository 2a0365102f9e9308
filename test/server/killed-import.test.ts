/** kill -9 of a serving manager in the middle of an import: the next one goes on with it, and the whole file is known. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";
import { clientFor, makeContext } from "../../src/cli/context.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { SqliteImportStore } from "../../src/fleet/sqlite/import-rows.ts";
import { factsOf, makeState } from "./tenancy/world.ts";

const COUNT = 40_000;
const LOOK_MS = 5;
const PATIENCE_MS = 60_000;
const idOf = (index: number) => `urn:dev:ops:32473-cam-${index}`;
const directory = mkdtempSync(join(tmpdir(), "edict-killed-import-"));
let serve: ServeProcess | undefined;

afterAll(async () => {
  serve?.kill("SIGKILL");
  await serve?.exited;
  rmSync(directory, { recursive: true, force: true });
});

test("after kill -9 in the middle of an import the next start keeps the rest of the file", async () => {
  const { database: path } = await makeState(directory, "isp.example");
  const start = () => startServe(directory, join(directory, "serve.log"));
  serve = await start();
  const database = openDatabase(path);
  const imports = new SqliteImportStore(database, new SqliteFleetStore(database));
  const client = () => clientFor(makeContext(directory, makeOutput(true)), "author");

  const lines = Array.from({ length: COUNT }, (_, index) => `${JSON.stringify(factsOf(idOf(index), "isp.example"))}\n`);
  const sent = client()
    .importDevices(lines.join(""), "jsonl")
    .then(
      () => "kept",
      () => "cut off",
    );
  const [begun] = await until("a block is kept", () => imports.unfinishedImports().filter(({ position }) => position.lines > 0));
  serve.kill("SIGKILL");
  await serve.exited;
  expect(await sent).toBe("cut off");
  const cut = imports.import(begun?.id ?? "");
  expect(cut).toMatchObject({ state: "keeping", who: "author" });
  expect(cut?.position.lines).toBeLessThan(COUNT);

  serve = await start();
  const [ended] = await until("the import has ended", () => [imports.import(begun?.id ?? "")].filter((job) => job?.endedMs !== undefined));
  expect(ended).toMatchObject({ state: "kept", added: COUNT, updated: 0 });
  expect((await client().device(idOf(COUNT - 1))).device.ordinal).toBe(COUNT - 1);
  database.close();
}, 180_000);

/** The database is looked at, for the process that is to be killed says nothing while it works. */
async function until<T>(what: string, look: () => readonly T[]): Promise<readonly T[]> {
  for (const deadlineMs = performance.now() + PATIENCE_MS; performance.now() < deadlineMs; await Bun.sleep(LOOK_MS)) {
    const found = look();
    if (found.length > 0) return found;
  }
  throw new Error(`waited ${PATIENCE_MS} ms in vain until ${what}`);
}
