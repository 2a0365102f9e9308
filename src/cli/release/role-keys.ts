/**
 * Files with keys of the image repository's roles: `NAME.key.json` with the private half, for its owner only, and `NAME.pub.json`
 * to give away. Whoever keeps keys in another way gives the commands another RoleSigner.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { generateRoleKey, type Holder, type RoleKey, type RoleSigner, signerOf, TOP_ROLES } from "../../depot/repository/role-signer.ts";
import type { RoleHolders } from "../../depot/repository/roles.ts";
import { readText } from "../context.ts";
import { CliError } from "../errors.ts";

const jwk = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string() });
const holderSchema = z.looseObject({ person: z.string().min(1), publicJwk: jwk });
const keySchema = holderSchema.extend({ privateJwk: jwk.extend({ d: z.string() }) });
/** What `edict init` makes: a key for each role at the top. */
const ringSchema = z.strictObject(Object.fromEntries(TOP_ROLES.map((role) => [role, keySchema])));

/** Never overwrites a key. */
export function makeRoleKey(
  directory: string,
  name: string,
  person: string,
): { readonly privateFile: string; readonly publicFile: string } {
  const [privateFile, publicFile] = [join(directory, `${name}.key.json`), join(directory, `${name}.pub.json`)];
  if (existsSync(privateFile)) throw new CliError("ERR_CLI_USAGE", `${privateFile} is there already; keys are not overwritten`);
  const { privateJwk, ...holder } = generateRoleKey(person);
  writeFileSync(privateFile, `${JSON.stringify({ ...holder, privateJwk }, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(publicFile, `${JSON.stringify(holder, null, 2)}\n`);
  return { privateFile, publicFile };
}

/** The keys in a file: one, or a whole ring. */
export function readKeyFile(file: string): readonly RoleSigner[] {
  const keys = parse(file, z.union([keySchema.transform((key) => [key]), ringSchema.transform((ring) => Object.values(ring))]));
  return (keys as readonly RoleKey[]).map(signerOf);
}

/** Everything in a folder that signs; none when there is no such folder. */
export function readSigners(directory: string): readonly RoleSigner[] {
  const files = existsSync(directory) ? readdirSync(directory).sort() : [];
  return files.flatMap((file) => {
    return file === "keys.json" || file.endsWith(".key.json") ? readKeyFile(join(directory, file)) : [];
  });
}

/** "2:ann.pub.json,bob.pub.json,cyd.pub.json": who holds a role, and how many of them must sign. Throws ERR_CLI_USAGE. */
export function readHolders(text: string): RoleHolders {
  const [, threshold, files] = /^(\d+):(.+)$/.exec(text) ?? [];
  if (threshold === undefined || files === undefined)
    throw new CliError("ERR_CLI_USAGE", `"${text}" does not say who: write for example 2:ann.pub.json,bob.pub.json,cyd.pub.json`);
  return { threshold: Number(threshold), holders: files.split(",").map((file) => parse(file, holderSchema) as Holder) };
}

function parse(file: string, schema: z.ZodType): unknown {
  try {
    return schema.parse(JSON.parse(readText(file, "the key")));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError("ERR_CLI_FILE", `${file} is not a key of the image repository`, { cause });
  }
}
