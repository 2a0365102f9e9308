/** A path in a message leads to its line and column, also when what it names is missing. */
import { expect, test } from "bun:test";
import { locate } from "../../src/openc2/json/locate.ts";

const TEXT = `{
  "action": "query",
  "args": { "start_time": -1, "a.b": [ 1, {"x":2} ] },
  "é\\u0041": "]},", "target": {"features": []}
}`;

test.each([
  ["$", 1, 1],
  ["$.action", 2, 3],
  ["$.args.start_time", 3, 13],
  ['$.args["a.b"]', 3, 31],
  ['$.args["a.b"][1].x', 3, 44],
  ['$["\\u00e9A"]', 4, 3],
  ["$.target.features", 4, 32],
  ["$.target.features[0]", 4, 32],
  ["$.target.x-swup:software.hashes.sha256", 4, 21],
  ["$.command_id", 1, 1],
  ['$.args["no.such"].x', 3, 3],
])("%s stands at line %i, column %i", (path, line, column) => {
  expect(locate(TEXT, path)).toMatchObject({ line, column });
});
