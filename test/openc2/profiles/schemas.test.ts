/**
 * What is published of a profile says one thing: JADN, JIDL, JSON Schema, the vectors and the code agree. The code is compared with
 * the JSON Schema by verdict on every vector, the schema with JADN by its types, and JIDL is printed from JADN.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, type JsonValue, PROFILES } from "../../../src/openc2/index.ts";
import { hasVectors, skipReason, vectorsIn } from "../../vectors-folder.ts";
import { fieldsOf, jidl, PROFILE_DOCUMENTS, publishedProfiles } from "../../../tools/jidl.ts";
import { codeVerdict, KINDS, schemaOf, schemaVerdict, vectorsOf } from "./published.ts";

const OTHERS: readonly JsonValue[] = [null, true, -1, 0, 0.5, 2 ** 60, "", "a", "complete", "x".repeat(300), [], {}];

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
    for (const kind of KINDS) {
      const vectors = vectorsOf(nsid, kind).map((vector) => [vector.name, vector.value] as const);
      const [ofSchema, ofCode] = [schemaVerdict(nsid, kind), codeVerdict(profile, kind)];
      test.each(vectors)(`and the code agree on ${kind}: %s`, (name, value) => {
        expect({ name, verdict: ofSchema(value) }).toEqual({ name, verdict: ofCode(value) });
      });
      // Domain names are the one type that the schema leaves looser than the text.
      const texts = vectors.map(([, value]) => value).filter((value) => !JSON.stringify(value).includes("domain_name"));
      test(`and the code agree on all ${kind} with one member changed or left out`, () => {
        const changed = new Set(texts.flatMap((text) => changesOf(text)).map((value) => JSON.stringify(value)));
        const differing = [...changed].filter((text) => ofSchema(JSON.parse(text)) !== ofCode(JSON.parse(text)));
        expect(differing).toEqual([]);
        expect(changed.size).toBeGreaterThan(60);
      });
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
        isValid: schemaVerdict("slpf", kind)(JSON.parse(new TextDecoder().decode(bytes))),
      })),
  );
  expect(verdicts).toHaveLength(12);
  expect(verdicts.filter(({ verdict, isValid }) => isValid !== (verdict === "good"))).toEqual([]);
});

/** The value with one of its members or items replaced by something else, left out, or joined by a stranger. */
function changesOf(value: JsonValue): readonly JsonValue[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    return [[], [...items, ...items], ...items.flatMap((item, index) => changed(item).map((other) => items.with(index, other)))];
  }
  const members = Object.entries(value as JsonObject);
  const changes = members.flatMap(([name, member]) => {
    const rest = Object.fromEntries(members.filter(([other]) => other !== name));
    return [rest, ...changed(member).map((other) => ({ ...rest, [name]: other }))];
  });
  return [{ ...(value as JsonObject), stranger: 1 }, ...changes];
}

function changed(value: JsonValue): readonly JsonValue[] {
  return [...OTHERS, ...changesOf(value)];
}
