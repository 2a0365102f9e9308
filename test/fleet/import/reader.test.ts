/** What an import reads, and the line that it names when it does not. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import type { DeviceFacts } from "../../../src/fleet/device.ts";
import { formatFromName, readDevices } from "../../../src/fleet/import/reader.ts";
import { writeDevices } from "../../../src/fleet/import/writer.ts";
import { anyFacts, camera, deviceOf, SAID, T0 } from "../world.ts";

const csv = (text: string) => [...readDevices(text, "csv")];
const jsonl = (...rows: readonly object[]) => [...readDevices(rows.map((row) => JSON.stringify(row)).join("\n"), "jsonl")];
const HEADER = "id,tenant,vendor,name,version,hardware,region,subscribed";
const ROW = "urn:dev:ops:32473-cam-1,isp.example,famousMaker,famousModel,1.2.3,r1,north,yes";

describe("an import", () => {
  test("reads the files of before there were more facts", () => {
    expect(csv(`${HEADER}\r\n${ROW}\r\n`)).toEqual([deviceOf()]);
    expect(jsonl({ ...deviceOf() })).toEqual([deviceOf()]);
  });

  test("reads every fact, lists as words in CSV and as lists in JSON lines", () => {
    const facts = { counter: 7, sha256: "ab".repeat(32), timeZone: "Europe/Amsterdam", tags: ["vip", "beta"] };
    const line = `${ROW},7,${"AB".repeat(32)},Europe/Amsterdam,vip beta vip,modem/11 openssl/3,2027-01-15T09:00:00+01:00`;
    const components = [
      { name: "modem", version: "11" },
      { name: "openssl", version: "3" },
    ];
    const expected = deviceOf({ ...facts, components, postponedUntilMs: T0 });
    expect(csv(`${HEADER},counter,sha256,timeZone,tags,components,postponedUntil\n${line}`)).toEqual([expected]);
    expect(jsonl({ ...deviceOf(), ...facts, components, postponedUntil: "2027-01-15T08:00:00Z", optedOut: null })).toEqual([expected]);
  });

  test("reads empty cells at both ends of a line that has quotes", () => {
    expect(csv(`tags,${HEADER},counter\n,"urn:dev:ops:32473-cam-1"${ROW.slice(ROW.indexOf(","))},`)).toEqual([deviceOf()]);
  });

  test("without a word on consent there is none", () => {
    const { subscribed: _unsaid, ...facts } = deviceOf();
    expect(jsonl(facts)[0]?.subscribed).toBe(false);
  });

  test("knows a format by the file's name", () => {
    expect([formatFromName("a.CSV"), formatFromName("a.ndjson")]).toEqual(["csv", "jsonl"]);
    expect(() => formatFromName("a.xlsx")).toThrow(expect.objectContaining({ code: "ERR_FLEET_IMPORT_FORMAT" }));
  });

  test.each([
    ["a fact that there is not", { colour: "red" }, "ERR_FLEET_IMPORT_COLUMN", /line 2: .*"colour"/],
    ["another kind of identity", { id: "camera 1" }, "ERR_FLEET_IMPORT_ROW", /line 2: id/],
    ["a version that is a number", { version: 2.1 }, "ERR_FLEET_IMPORT_ROW", /line 2: version/],
    ["a counter below zero", { counter: -1 }, "ERR_FLEET_IMPORT_ROW", /line 2: counter/],
    ["a time zone that there is not", { timeZone: "Europe/Atlantis" }, "ERR_FLEET_IMPORT_ROW", /line 2: timeZone/],
    ["a tag that no query could name", { tags: ["a,b"] }, "ERR_FLEET_IMPORT_ROW", /line 2: tag "a,b"/],
    ["too many tags", { tags: Array.from({ length: 33 }, String) }, "ERR_FLEET_IMPORT_ROW", /line 2: tags/],
    [
      "too many components",
      { components: Array.from({ length: 65 }, (_, name) => ({ name: `${name}`, version: "1" })) },
      "ERR_FLEET_IMPORT_ROW",
      /64/,
    ],
    ["a component twice", { components: [1, 2].map((version) => ({ name: "m", version: `${version}` })) }, "ERR_FLEET_IMPORT_ROW", /twice/],
    ["a local time", { postponedUntil: "2027-01-15T08:00:00" }, "ERR_FLEET_IMPORT_ROW", /line 2: postponedUntil/],
    ["a time beyond the calendar", { postponedUntil: "9999-12-31T23:00:00-02:00" }, "ERR_FLEET_IMPORT_ROW", /line 2: postponedUntil/],
    ["consent that is no word for it", { subscribed: "perhaps" }, "ERR_FLEET_IMPORT_ROW", /line 2: subscribed/],
    ["a fact that is too long", { region: "n".repeat(256) }, "ERR_FLEET_IMPORT_ROW", /line 2: region/],
  ])("refuses %s and names the line", (_, change, code, message) => {
    expect(() => jsonl(deviceOf(), { ...deviceOf(), ...change })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test("refuses another tenant's device, by its line", () => {
    const text = [camera(1), camera(2, { tenant: "other.example" })].map((row) => JSON.stringify(row)).join("\n");
    expect(() => [...readDevices(text, "jsonl", "isp.example")]).toThrow(/line 2: .*"other.example"/);
  });

  test("reads back what an export wrote, whatever the facts", () => {
    const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text));
    fc.assert(
      fc.property(anyFacts, word, fc.constantFrom("", "=", "'", "'=", "''=", " =", "@x", '"', ","), (facts, text, front) => {
        const device: DeviceFacts = { ...facts, id: camera(1).id, region: front + text, hardware: `${text}${front}` };
        const { components, counter, ...plain } = device;
        const through = (given: DeviceFacts, format: "csv" | "jsonl") => [
          ...readDevices([...writeDevices([given], format)].join(""), format),
        ];
        const known = (given: DeviceFacts) => {
          const { tags = [], components: parts = [], ...rest } = given;
          return { ...rest, tags, components: parts };
        };
        expect(through(device, "jsonl").map(known)).toEqual([known(device)]);
        const inCsv = { ...plain, ...(counter !== undefined && { counter }), ...(components && { components }) };
        expect(through(inCsv, "csv").map(known)).toEqual([known(inCsv)]);
      }),
    );
  });

  test("an export of a store is an import of the same store", () => {
    const store = new SqliteFleetStore(openDatabase(":memory:"));
    store.upsert([camera(1, { tags: ["vip"] }), camera(2)], SAID);
    const exported = [...writeDevices(store.devices(RoaringBitmap32.of(0, 1)), "csv")].join("");
    expect(store.upsert(readDevices(exported, "csv"), SAID)).toEqual({ added: 0, updated: 2 });
    expect(store.byOrdinal(0)).toEqual({ ordinal: 0, ...camera(1, { tags: ["vip"] }) });
  });
});
