/** docs/profiles/x-swup/README.md says what the code does: its examples are read, and its table of commands is the list of pairs. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { featuresResults, parseMessage, profileSet, xSwup } from "../../../src/openc2/index.ts";
import { UPDATE_STATES } from "../../../src/openc2/profiles/x-swup/model.ts";

const page = readFileSync(join(import.meta.dir, "../../../docs/profiles/x-swup/README.md"), "utf8");

describe("the document of the profile x-swup", () => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  test("has examples that are valid messages", () => {
    expect(examples.map((text) => parseMessage(new TextEncoder().encode(text)).kind)).toEqual([
      "request",
      "request",
      "request",
      "response",
    ]);
  });
  test("lists the pairs that query features answers with", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| `([\w:-]+)` \| MUST/gm)].map(([, action, target]) => `${action} ${target}`);
    const pairs = Object.entries(featuresResults(["pairs"], profileSet(xSwup))?.pairs ?? {});
    expect(rows.sort()).toEqual(pairs.flatMap(([action, targets]) => targets.map((target) => `${action} ${target}`)).sort());
  });
  test("lists the states of an update", () => {
    expect(page).toContain(`{${UPDATE_STATES.join(", ")}}`);
  });
});
