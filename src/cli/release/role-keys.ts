/**
 * Keys of the image repository's roles. They are keys of people, in the same files and tokens as all others (cli/keys); beside them
 * there is the ring that `edict init` makes for trials: one key for each role, in clear.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type RoleKey, type RoleSigner, signerOf, TOP_ROLES } from "../../depot/repository/role-signer.ts";
import type { RoleHolders } from "../../depot/repository/roles.ts";
import { readKeyFile } from "../../trust/sign/index.ts";
import { type Context, readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { openKey, readKey } from "../keys/key-ring.ts";

const RING = "keys.json";
const jwk = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string() });
const keySchema = z.object({ person: z.string().min(1), publicJwk: jwk, privateJwk: jwk.extend({ d: z.string() }) });
const ringSchema = z.strictObject(Object.fromEntries(TOP_ROLES.map((role) => [role, keySchema])));

/** The keys in a file, opened: a person's, or a ring. */
export async function openSigners(file: string, { passphrases }: Pick<Context, "passphrases">): Promise<readonly RoleSigner[]> {
  return file.endsWith(".json") ? readRing(file) : [await openKey(await readKey(file), passphrases)];
}

/** Everything in a folder that signs; nothing when there is no such folder. */
export async function openFolder(directory: string, context: Pick<Context, "passphrases">): Promise<readonly RoleSigner[]> {
  const files = existsSync(directory) ? readdirSync(directory).sort() : [];
  const signers: RoleSigner[] = [];
  // One after the other: each may ask for a passphrase.
  for (const file of files.filter((name) => name === RING || name.endsWith(".pem")))
    signers.push(...(await openSigners(join(directory, file), context)));
  return signers;
}

/** "2:ann.pem,bob.pem,cyd.pem": who holds a role, and how many of them must sign. Public halves are enough. Throws ERR_CLI_USAGE. */
export async function readHolders(text: string): Promise<RoleHolders> {
  const [, threshold, files] = /^(\d+):(.+)$/.exec(text) ?? [];
  if (threshold === undefined || files === undefined)
    throw new CliError("ERR_CLI_USAGE", `"${text}" does not say who: write for example 2:ann.pem,bob.pem,cyd.pem`);
  const holders = await Promise.all(files.split(",").map((file) => readKeyFile(readText(file, "the key"))));
  return { threshold: Number(threshold), holders };
}

function readRing(file: string): readonly RoleSigner[] {
  try {
    return Object.values(ringSchema.parse(JSON.parse(readText(file, "the keys"))) as { readonly [role: string]: RoleKey }).map(signerOf);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError("ERR_CLI_FILE", `${file} holds no keys of an image repository`, { cause });
  }
}
