/** Files that mean harm, or that no one meant to send: each is refused whole, by its line, and nothing of it is kept. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDevices } from "../../../src/fleet/import/reader.ts";
import { writeDevices } from "../../../src/fleet/import/writer.ts";
import { IMPORT_BLOCK_BYTES, IMPORT_LINE_CHARACTERS_MAX } from "../../../src/fleet/limits.ts";
import { camera, deviceOf } from "../world.ts";
import { openDesk } from "./desk.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-import-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const good = `${JSON.stringify(camera(1))}\n`;
const bytes = (...parts: readonly (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part))));

describe("hardening: an import", () => {
  test.each([
    ["NUL in a fact", bytes(good, JSON.stringify(deviceOf()).replace("north", "no\0rth")), /line 2: it holds NUL/],
    ["a file in UTF-16", Buffer.from(good.repeat(3), "utf16le"), /line 1: it holds NUL/],
    ["bytes that are no UTF-8", bytes(good, good, '{"id":"', 0xff, '"}\n', good), /line 3: it is not UTF-8/],
    ["a terminal's escape in a fact", bytes(good, JSON.stringify(deviceOf({ region: "\u001b[2Jnorth" }))), /line 2: region/],
    ["text that is turned around", bytes(good, JSON.stringify(deviceOf({ name: "model\u202egnp.exe" }))), /line 2: name/],
    ["a prototype as a fact", bytes(good, '{"__proto__":{"tenant":"x"},"id":"urn:dev:x:1"}'), /line 2: there is no fact "__proto__"/],
    ["a line that is a list", bytes(good, "[1]"), /line 2: it is not a JSON object/],
    ["a line that is too long", bytes(good, `{"id":"${"x".repeat(IMPORT_LINE_CHARACTERS_MAX)}"}`), /line 2: it has \d+ characters/],
    ["a line that never ends", bytes(good, "x".repeat(IMPORT_BLOCK_BYTES * 2)), /line 2: it (has|is longer)/],
    ["a wrong line behind many blocks", bytes(good.repeat(9_000), "no JSON\n", good), /line 9001: it is not JSON/],
  ])("%s is refused by its line, and nothing is kept", async (_, file, message) => {
    const { desk, fleet, folder } = openDesk(directory);
    const { id } = await desk.receive(chunksOf(file), "jsonl", "mallory");
    const job = await desk.wait(id, 60_000);
    expect(job?.state).toBe("refused");
    expect(job?.error?.message).toMatch(message);
    expect(fleet.count()).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["fewer fields than columns", "urn:dev:x:1", /1 fields, the header has 2/],
    ["more fields than columns", "urn:dev:x:1,isp,more", /3 fields, the header has 2/],
  ])("CSV with %s is refused by its line", (_, row, message) => {
    expect(() => [...readDevices(`id,tenant\n\n${row}`, "csv")]).toThrow(message);
    expect(() => [...readDevices(`id,tenant\n\n${row}`, "csv")]).toThrow(/line 3/);
  });

  test("a column that stands twice, or that nobody knows, is refused", () => {
    for (const header of ["id,id", "id,__proto__", "id,constructor"]) {
      expect(() => [...readDevices(header, "csv")]).toThrow(expect.objectContaining({ code: "ERR_FLEET_IMPORT_COLUMN" }));
    }
  });

  test("no cell of an export is a formula, whatever a device calls itself", () => {
    const names = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", " =1", "＝1"];
    const text = [
      ...writeDevices(
        names.map((name) => deviceOf({ name })),
        "csv",
      ),
    ].join("");
    for (const line of text.split("\r\n").slice(1, -1)) expect(line).not.toMatch(/(^|,)"?\s*[=+\-@＝]/);
    expect([...readDevices(text, "csv")].map(({ name }) => name)).toEqual(names);
  });

  test("a connection that breaks leaves nothing", async () => {
    const { desk, fleet, folder } = openDesk(directory);
    const broken = (async function* () {
      yield Buffer.from(good);
      throw new Error("the connection broke");
    })();
    await expect(desk.receive(broken, "jsonl", "author")).rejects.toThrow("the connection broke");
    expect([fleet.count(), readdirSync(folder).length]).toEqual([0, 0]);
  });
});

/** In small pieces, as a network gives them. */
async function* chunksOf(file: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < file.length; at += 100_000) yield file.subarray(at, at + 100_000);
}
