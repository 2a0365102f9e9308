/** The documents of our own profiles say what the code does: examples are read, tables are the matrix, the members and the states. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, type JsonValue, parseCommand, parseMessage, PROFILES } from "../../../src/openc2/index.ts";
import { HOUSEKEEPING_STATES } from "../../../src/openc2/profiles/x-iot/model.ts";
import { UPDATE_STATES } from "../../../src/openc2/profiles/x-swup/model.ts";
import { fieldsOf, PROFILE_DOCUMENTS, publishedProfiles } from "../../../tools/jidl.ts";

const published = await publishedProfiles();
const STATES = { "x-swup": UPDATE_STATES, "x-iot": HOUSEKEEPING_STATES };

for (const [nsid, states] of Object.entries(STATES)) {
  const page = readFileSync(join(PROFILE_DOCUMENTS, nsid, "README.md"), "utf8");
  const examples = (dialect: string) =>
    [...page.matchAll(new RegExp(`\`\`\`json ${dialect}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text);
  const bytes = (text: string) => new TextEncoder().encode(text);

  describe(`the document of the profile ${nsid}`, () => {
    test("has examples in three dialects, and they say the same command", () => {
      const messages = examples("D2").map((text) => parseMessage(bytes(text)));
      const [first] = messages;
      if (first?.kind !== "request") throw new Error("the first example is a command");
      const bare = examples("D1").map((text) => parseCommand(bytes(text)));
      const drafts = examples("D3").map((text) => fromDraft(JSON.parse(text)));
      expect(messages.length).toBeGreaterThan(2);
      expect([bare, drafts] as unknown).toEqual([[first.command], [first.command]]);
    });
    test("lists the command matrix", () => {
      const rows = [...page.matchAll(/^\| `(\w+)` \| `([\w:-]+)` \| (?:MUST|MAY) \|/gm)].map(([, action, target]) => `${action} ${target}`);
      const pairs = Object.entries(PROFILES.get(nsid)?.pairs ?? {});
      expect(rows.sort()).toEqual(pairs.flatMap(([action, targets]) => targets.map((target) => `${action} ${target}`)).sort());
    });
    test("names every member that the JADN has, and every state", () => {
      const types = (published.get(nsid)?.types ?? []).filter(([name]) => name !== "Pairs");
      const members = types.flatMap((type) => fieldsOf(type).map(([, name]) => name));
      expect([...members, ...states].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`${nsid}:${name}`))).toEqual([]);
    });
    test("numbers its conformance clauses without a gap", () => {
      const clauses = /## \d\. Conformance\n([\s\S]*?)\n## \d\./.exec(page)?.[1] ?? "";
      const numbers = [...clauses.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
      expect(numbers.length).toBeGreaterThan(9);
    });
  });
}

/** D3 as LS 1.0: the nested target flat again, `profile` left out as its example has no actuator. */
function fromDraft(message: { readonly body: { readonly openc2: { readonly request: JsonObject } } }): JsonValue {
  const { profile: nsid, target, ...rest } = message.body.openc2.request;
  const flat = Object.entries(target as JsonObject).map(([name, inner]) => {
    if (name !== nsid) return [name, inner];
    const [[own, value] = ["", null]] = Object.entries(inner as JsonObject);
    return [`${nsid}:${own}`, value];
  });
  return { ...rest, target: Object.fromEntries(flat) };
}
