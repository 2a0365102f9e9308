/** What is published of the profiles beside their JADN: schemas as validators, and vectors. */
import Ajv2020 from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonValue, OpenC2Error, parseCommand, parseResponse, type Profile, PROFILES, profileSet } from "../../../src/openc2/index.ts";
import { PROFILE_DOCUMENTS } from "../../../tools/jidl.ts";

export const KINDS = ["commands", "responses"] as const;
export type Kind = (typeof KINDS)[number];

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
}
interface Schema {
  readonly $id: string;
  readonly $defs: Readonly<Record<string, Definition>>;
}
interface Vector {
  readonly name: string;
  readonly value: JsonValue;
}

const json = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(...path), "utf8")) as T;
export const schemaOf = (nsid: string) => json<Schema>(PROFILE_DOCUMENTS, nsid, `${nsid}.schema.json`);
export const vectorsOf = (nsid: string, kind: Kind) =>
  json<{ vectors: readonly Vector[] }>(import.meta.dir, "../../../vectors/openc2", `${nsid}-${kind}.json`).vectors;

const ajv = new Ajv2020({ strictRequired: false, strictTypes: false });
ajv.addSchema(json<Schema>(PROFILE_DOCUMENTS, "openc2-ls-1.0.schema.json"));
for (const nsid of PROFILES.keys()) ajv.addSchema(schemaOf(nsid));

/** The verdict of the published schema. */
export function schemaVerdict(nsid: string, kind: Kind): (value: JsonValue) => boolean {
  const validate = ajv.getSchema(`${schemaOf(nsid).$id}#/$defs/${kind === "commands" ? "Command" : "Response"}`);
  if (validate === undefined) throw new Error(`${nsid} has no schema of ${kind}`);
  return (value) => validate(value) === true;
}

/** The verdict of the code that reads, in the language with this profile and no other, which is what a schema describes. */
export function codeVerdict(profile: Profile, kind: Kind): (value: JsonValue) => boolean {
  const parse = kind === "commands" ? parseCommand : parseResponse;
  const options = { profiles: profileSet(profile) };
  return (value) => {
    try {
      parse(new TextEncoder().encode(JSON.stringify(value)), options);
      return true;
    } catch (error) {
      if (error instanceof OpenC2Error) return false;
      throw error;
    }
  };
}
