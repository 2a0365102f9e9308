/**
 * What is published of a profile says one thing: JADN, JIDL, JSON Schema, the vectors and the code agree. The code is compared with
 * the JSON Schema by verdict on every vector, the schema with JADN by its types, and JIDL is printed from JADN.
 */
import { describe, expect, test } from "bun:test";
import Ajv2020 from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonValue, OpenC2Error, parseCommand, parseResponse, PROFILES, profileSet } from "../../../src/openc2/index.ts";
import { hasVectors, skipReason, vectorsIn } from "../../vectors-folder.ts";
import { fieldsOf, jidl, PROFILE_DOCUMENTS, publishedProfiles } from "../../../tools/jidl.ts";

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
}
interface Schema {
  readonly $id: string;
  readonly $defs: Readonly<Record<string, Definition>>;
}
type Vector = { readonly name: string; readonly value: JsonValue; readonly code?: string };

const json = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(...path), "utf8")) as T;
const vectorsOf = (file: string) =>
  json<{ vectors: readonly Vector[] }>(import.meta.dir, "../../../vectors/openc2", `${file}.json`).vectors;

function isGood(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof OpenC2Error) return false;
    throw error;
  }
}

function validatorOf({ $id }: Schema, kind: string): (value: JsonValue) => unknown {
  const validate = ajv.getSchema(`${$id}#/$defs/${kind === "commands" ? "Command" : "Response"}`);
  if (validate === undefined) throw new Error(`${$id} has no ${kind}`);
  return validate;
}

const schemaOf = (nsid: string) => json<Schema>(PROFILE_DOCUMENTS, nsid, `${nsid}.schema.json`);
const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
ajv.addSchema(json<Schema>(PROFILE_DOCUMENTS, "openc2-ls-1.0.schema.json"));
for (const nsid of PROFILES.keys()) ajv.addSchema(schemaOf(nsid));

const published = await publishedProfiles();

test("every profile of this build is published, and nothing else", () => {
  expect([...published.keys()].sort()).toEqual([...PROFILES.keys()].sort());
});

for (const [nsid, profile] of PROFILES) {
  const schema = schemaOf(nsid);
  const jadn = published.get(nsid) ?? { info: { package: "", version: "", title: "", exports: [] }, types: [] };
  const types = new Map(jadn.types.map((type) => [type[0], type]));

  describe(`the JADN of ${nsid}`, () => {
    test("has the form of JADN 1.0: known base types, ids and names once, every type that is used", () => {
      const bases = [
        "Binary",
        "Boolean",
        "Integer",
        "Number",
        "String",
        "Enumerated",
        "Choice",
        "Array",
        "ArrayOf",
        "Map",
        "MapOf",
        "Record",
      ];
      for (const type of jadn.types) {
        const [name, base, options, , content = []] = type;
        expect(name).toMatch(/^[A-Z][-A-Za-z0-9]{0,63}$/);
        expect(bases).toContain(base);
        for (const option of options) expect(option).toMatch(/^([{}]\d+|q|\*[A-Za-z-]+|%.+|\/x)$/);
        expect(new Set(content.map(([id]) => id)).size).toBe(content.length);
        expect(new Set(content.map(([, field]) => field)).size).toBe(content.length);
        const used = [
          ...fieldsOf(type).map(([, , used]) => used),
          ...options.filter((option) => option.startsWith("*")).map((option) => option.slice(1)),
        ];
        for (const other of used) expect(other.startsWith("ls:") || types.has(other) || bases.includes(other)).toBe(true);
        for (const field of fieldsOf(type))
          expect([field.length, field[1]]).toEqual([5, expect.stringMatching(/^[a-z][_A-Za-z0-9]{0,63}$/)]);
      }
      for (const name of jadn.info.exports) expect(types.has(name)).toBe(true);
    });
    test("is what its JIDL is printed from", () => {
      expect(readFileSync(join(PROFILE_DOCUMENTS, nsid, `${nsid}.jidl`), "utf8")).toBe(jidl(jadn));
    });
    test("has the matrix of the code", () => {
      const matrix = Object.keys(profile.pairs).map((action) => {
        const name = `${action.charAt(0).toUpperCase()}${action.slice(1)}-Target`;
        return [action, types.get(name)?.[4]?.map(([, target]) => target)];
      });
      expect(Object.fromEntries(matrix)).toEqual(profile.pairs);
      expect(
        types
          .get("Action")?.[4]
          ?.map(([, action]) => action)
          .sort(),
      ).toEqual(Object.keys(profile.pairs).sort());
    });
  });

  describe(`the JSON Schema of ${nsid}`, () => {
    const parsers = { commands: parseCommand, responses: parseResponse };
    for (const [kind, parse] of Object.entries(parsers)) {
      const validate = validatorOf(schema, kind);
      test.each(vectorsOf(`${nsid}-${kind}`).map((vector) => [vector.name, vector.value] as const))(
        `and the code agree on ${kind}: %s`,
        (name, value) => {
          // Both know the language with this profile and no other.
          const ours = isGood(() => parse(new TextEncoder().encode(JSON.stringify(value)), { profiles: profileSet(profile) }));
          const theirs = validate(value);
          expect({ name, verdict: theirs }).toEqual({ name, verdict: ours });
        },
      );
    }
    test("has the types of JADN, member by member", () => {
      for (const type of jadn.types) {
        const [name, base, , , content = []] = type;
        if (/^(Action|Target|Pairs|.*-Targets?)$/.test(name)) continue;
        const definition = schema.$defs[name];
        expect({ name, isThere: definition !== undefined }).toEqual({ name, isThere: true });
        if (base === "Enumerated") expect(definition?.enum).toEqual(content.map(([, value]) => value));
        if (base !== "Map") continue;
        expect(Object.keys(definition?.properties ?? {})).toEqual(fieldsOf(type).map(([, field]) => field));
        const required = fieldsOf(type).filter(([, , , options]) => !options.includes("[0"));
        expect(definition?.required ?? []).toEqual(required.map(([, field]) => field));
      }
    });
  });
}

test.skipIf(!hasVectors)(`the JSON Schema of slpf and the committee agree on its vectors${skipReason}`, () => {
  const folders = [
    ["slpf", "commands", "good"],
    ["slpf", "responses", "good"],
    ["slpf+acme", "responses", "bad"],
  ] as const;
  const verdicts = folders.flatMap(([set, kind, verdict]) =>
    vectorsIn("openc2-ls-1.0.1", set, kind, verdict)
      .filter(([name]) => set === "slpf" || name.startsWith("slpf_"))
      .map(([name, bytes]) => ({
        name,
        verdict,
        isValid: validatorOf(schemaOf("slpf"), kind)(JSON.parse(new TextDecoder().decode(bytes))),
      })),
  );
  expect(verdicts).toHaveLength(12);
  expect(verdicts.filter(({ verdict, isValid }) => isValid !== (verdict === "good"))).toEqual([]);
});
