/** The committee's own vectors. Where we disagree, the vector is named with the reason, and the list must be exact. */
import { describe, expect, test } from "bun:test";
import { OpenC2Error, parseCommand, parseResponse, profileSet, type ReadOptions, slpf } from "../../src/openc2/index.ts";
import { hasVectors, skipReason, vectorsIn } from "../vectors-folder.ts";

const DISPUTED: Readonly<Record<string, string>> = {
  "language/commands/bad/query_features_notunique.json":
    "a duplicate is the producer's error; a consumer should ignore it (LS 1.0 §3.4.1.5)",
  "slpf+acme/commands/good/query_features_ext_args.json": "§4.1: query features takes no other argument, so a consumer answers 400",
  "slpf+acme/commands/good/query_features_ext_args_underscore.json": "as above; its namespace is also longer than 16 characters",
  "slpf+acme/commands/good/query_features_extension_args_number.json": "as above",
  "slpf+acme/responses/bad/results_castle.json": "wrong only because the set's own schema has no profile x-game",
  "slpf+acme/responses/bad/results_poetry.json": "wrong only because the set's own schema has no profile x-lit",
};

/** These speak of a consumer that has slpf and nothing else, whatever folder they lie in. */
const isSlpf = (set: string, name: string) => set === "slpf" || name.startsWith("slpf_");

/** Names of vectors whose verdict is not ours. */
function disagreements(kind: "commands" | "responses", sets: readonly string[], options: ReadOptions): readonly string[] {
  const parse = kind === "commands" ? parseCommand : parseResponse;
  const folders = sets.flatMap((set) => ["good", "bad"].map((verdict) => [set, verdict] as const));
  return folders.flatMap(([set, verdict]) => {
    if (set === "slpf" && verdict === "bad") return [];
    return vectorsIn("openc2-ls-1.0.1", set, kind, verdict).flatMap(([name, bytes]) => {
      try {
        parse(bytes, isSlpf(set, name) ? { profiles: profileSet(slpf) } : options);
        return verdict === "good" ? [] : [`${set}/${kind}/${verdict}/${name}`];
      } catch (error) {
        expect(error).toBeInstanceOf(OpenC2Error);
        return verdict === "bad" ? [] : [`${set}/${kind}/${verdict}/${name}`];
      }
    });
  });
}

describe.skipIf(!hasVectors)(`the OpenC2 1.0.1 vectors${skipReason}`, () => {
  test("are all there", () => {
    const folder = (...parts: string[]) => vectorsIn("openc2-ls-1.0.1", ...parts).length;
    expect([folder("language", "commands", "good"), folder("language", "commands", "bad")]).toEqual([82, 35]);
    expect([folder("language", "responses", "good"), folder("language", "responses", "bad")]).toEqual([16, 13]);
  });
  test("agree on every command and response but those disputed by name; profiles that we do not have pass unread", () => {
    const sets = ["language", "slpf", "slpf+acme"];
    const all = [...disagreements("commands", sets, { profiles: "any" }), ...disagreements("responses", sets, { profiles: "any" })];
    expect(all.sort()).toEqual(Object.keys(DISPUTED).sort());
  });
  test("with only the profiles that this build knows, every bad one is refused but for the doubled feature", () => {
    const sets = ["language", "slpf+acme"];
    const bad = [...disagreements("commands", sets, {}), ...disagreements("responses", sets, {})].filter((name) => name.includes("/bad/"));
    expect(bad.sort()).toEqual(
      Object.keys(DISPUTED)
        .filter((name) => name.includes("notunique"))
        .sort(),
    );
  });
});
