/** Lines of CSV whose quotes break: each is refused by its line, and none keeps the server busy. */
import { expect, test } from "bun:test";
import { readDevices } from "../../../src/fleet/import/reader.ts";

const HEADER = "subscribed,id,tenant,vendor,name,version,hardware,region";
const read = (line: string) => [...readDevices(`${HEADER}\n${line}`, "csv", "isp.example")];

test.each([
  ["a quote that does not end", '"urn:dev:x:1'],
  ["an empty cell and a quote that does not end", ',"urn:dev:x:1'],
  ["text behind a quote", '"yes"x,urn:dev:x:1'],
])("attack: CSV with %s is refused by its line", (_, line) => {
  expect(() => read(line)).toThrow(
    expect.objectContaining({ code: "ERR_FLEET_IMPORT_ROW", message: expect.stringMatching(/^line 2: its quoting breaks/) }),
  );
});

test("a line may begin with an empty cell before a quoted one", () => {
  expect(read(',"urn:dev:x:1",isp.example,"a ""b"", c",n,1,r1,north')).toEqual([
    expect.objectContaining({ id: "urn:dev:x:1", vendor: 'a "b", c', subscribed: false }),
  ]);
});
