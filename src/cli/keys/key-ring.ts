/**
 * The keys of people as files: `keys/PERSON.pem` signs commands, `keys/root/` and `keys/owner/` sign the documents of trust. In the
 * field each person has such a folder on a machine of their own; the server never reads it.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type KeyFile, openKeyFile, readKeyFile, type Signer } from "../../trust/sign/index.ts";
import { type Context, readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { PERSON_CHARACTERS_MAX } from "../limits.ts";
import { tokenSigner } from "./pkcs11/token-signer.ts";
import type { Passphrases } from "./passphrases.ts";

/** What a key is for: commands, the director, the authority map, the image repository. They are apart, so that who signs campaigns every day does not carry what can replace everybody. */
export const KEY_USES = ["command", "root", "owner", "release"] as const;
export type KeyUse = (typeof KEY_USES)[number];

const OTHERS_MAY_READ = 0o077;

/** Throws ERR_CLI_USAGE for a name that is no file's name. */
export function keyPath(folder: string, person: string, use: KeyUse = "command"): string {
  if (person.length > PERSON_CHARACTERS_MAX || !/^[A-Za-z0-9][\w.@+-]*$/.test(person))
    throw new CliError("ERR_CLI_USAGE", `"${person}" cannot be the name of a person: letters, digits and . @ + - _`);
  return join(folder, ...(use === "command" ? [] : [use]), `${person}.pem`);
}

/** Throws ERR_CLI_KEY when it is not there, or when others could read a private key; ERR_TRUST_KEY. */
export async function readKey(file: string): Promise<KeyFile> {
  if (!existsSync(file)) throw new CliError("ERR_CLI_KEY", `there is no key ${file}`);
  const key = await readKeyFile(readText(file, "the key"));
  const isSecret = key.protection === "plain" || key.protection === "passphrase";
  if (isSecret && (statSync(file).mode & OTHERS_MAY_READ) !== 0)
    throw new CliError("ERR_CLI_KEY", `${file} can be read by others; chmod 600, and think of who may have read it`);
  return key;
}

/** A person's own key for commands, opened. Throws as readKey and openKey. */
export async function signerOf({ paths, passphrases }: Context, person: string): Promise<Signer> {
  return openKey(await readKey(keyPath(paths.keys, person)), passphrases);
}

/** Asks for the passphrase or PIN when one is needed. Throws ERR_CLI_KEY for a public half alone; what the key's kind throws. */
export async function openKey(key: KeyFile, passphrases: Passphrases): Promise<Signer> {
  switch (key.protection) {
    case "plain":
      return openKeyFile(key);
    case "passphrase":
      return openKeyFile(key, await passphrases.ask(`passphrase of ${key.person}`));
    case "token":
      return tokenSigner(key, key.token ?? "", await passphrases.ask(`PIN of the token of ${key.person}`));
    case "public only":
      throw new CliError("ERR_CLI_KEY", `the file of ${key.person} has only the public half of the key`);
    default:
      return key.protection satisfies never;
  }
}

export interface ListedKey {
  readonly use: KeyUse;
  readonly file: string;
  readonly key: KeyFile;
}

export async function listKeys(folder: string): Promise<readonly ListedKey[]> {
  const files = KEY_USES.flatMap((use) => {
    const place = use === "command" ? folder : join(folder, use);
    const names = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith(".pem")) : [];
    return names.sort().map((name) => ({ use, file: join(place, name) }));
  });
  return Promise.all(files.map(async ({ use, file }) => ({ use, file, key: await readKey(file) })));
}

/** Never over another key: ERR_CLI_USAGE. */
export function saveKey(file: string, text: string): void {
  if (existsSync(file)) throw new CliError("ERR_CLI_USAGE", `${file} is there already; a key is never overwritten`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
}

/** The same key in another form: whole or not at all. */
export function replaceKey(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
