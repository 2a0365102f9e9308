/** `edict keys`: the keys of people: make, list, show, import, change the passphrase. It needs no server. */
import { type Command, Option } from "commander";
import {
  generateSigner,
  type KeyFile,
  protectionOf,
  signerInPem,
  type SoftwareSigner,
  writeKeyFile,
  writePublicFile,
  writeTokenFile,
} from "../../trust/sign/index.ts";
import { act } from "../act.ts";
import { readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { KEY_USES, keyPath, type KeyUse, listKeys, readKey, replaceKey, saveKey } from "../keys/key-ring.ts";
import type { Passphrases } from "../keys/passphrases.ts";
import { readTokenKey } from "../keys/pkcs11/token-signer.ts";

interface Chosen {
  readonly for: KeyUse;
}

interface NewOptions extends Chosen {
  readonly algorithm: "ed25519" | "p256";
  readonly insecurePlain?: boolean;
}

interface ImportOptions extends Chosen {
  readonly file?: string;
  readonly token?: string;
}

export function addKeys(program: Command): void {
  const keys = program.command("keys").description("the keys of people: make, list, show, import (docs/operate/people.md)");
  addNew(keys);
  addList(keys);
  addShow(keys);
  addImportKey(keys);
  addPassphrase(keys);
}

function addNew(keys: Command): void {
  const command = verb(keys, "new", "make a key for one person, under a passphrase")
    .addOption(
      new Option("--algorithm <name>", "ed25519, or p256 for what can do no other").choices(["ed25519", "p256"]).default("ed25519"),
    )
    .option("--insecure-plain", "for trials: without a passphrase");
  act<NewOptions>(command, async ({ paths, output, passphrases }, options, person = "") => {
    const file = keyPath(paths.keys, person, options.for);
    const signer = await generateSigner(person, options.algorithm === "p256" ? "ES256" : "EdDSA");
    const passphrase = options.insecurePlain === true ? undefined : await passphrases.askNew(`passphrase of ${person}`);
    saveKey(file, await writeKeyFile(signer, passphrase));
    output.line(`Made the key ${signer.kid} of ${person}: ${file}. For those who list it: edict keys show ${person} --public`);
    output.result({ file, person, kid: signer.kid, use: options.for });
  });
}

function addList(keys: Command): void {
  const command = keys.command("list").description("every key under keys/, without a passphrase");
  act(command, async ({ paths, output }) => {
    const listed = await listKeys(paths.keys);
    for (const { use, key } of listed) output.line(`${key.kid}  ${key.person.padEnd(24)} ${use.padEnd(8)} ${key.protection}`);
    output.result(listed.map(({ use, file, key }) => ({ file, use, ...factsOf(key) })));
  });
}

function addShow(keys: Command): void {
  const command = verb(keys, "show", "what is known of a person's key").option("--public", "print the public half, as others need it");
  act<Chosen & { public?: boolean }>(command, async ({ paths, output }, options, person = "") => {
    const file = keyPath(paths.keys, person, options.for);
    const key = await readKey(file);
    const text = await writePublicFile(key);
    if (options.public === true) output.line(text.trimEnd());
    else output.line(`${key.kid}  ${key.person} ${options.for}, ${key.protection}: ${file}`);
    output.result({ file, use: options.for, ...factsOf(key), publicFile: text });
  });
}

function addImportKey(keys: Command): void {
  const command = verb(keys, "import", "take over a key: a PEM of OpenSSL's, or one that stays in its token")
    .option("--file <pem>", "PKCS #8, encrypted or not; here it is encrypted anew")
    .option("--token <uri>", "pkcs11:token=T;object=O?module-path=/lib/x.so (RFC 7512), P-256");
  act<ImportOptions>(command, async ({ paths, output, passphrases }, options, person = "") => {
    const file = keyPath(paths.keys, person, options.for);
    if ((options.file === undefined) === (options.token === undefined)) throw new CliError("ERR_CLI_USAGE", "say either --file or --token");
    if (options.token !== undefined) {
      saveKey(file, await writeTokenFile(await readTokenKey(person, options.token), options.token));
    } else {
      const signer = await openPem(person, readText(options.file ?? "", "the key"), passphrases);
      saveKey(file, await writeKeyFile(signer, await passphrases.askNew(`passphrase of ${person}`)));
    }
    const { kid, protection } = await readKey(file);
    output.line(`Imported the key ${kid} of ${person} (${protection}): ${file}`);
    output.result({ file, person, kid, use: options.for, protection });
  });
}

function addPassphrase(keys: Command): void {
  const command = verb(keys, "passphrase", "give a key another passphrase, or a plain key its first");
  act<Chosen>(command, async ({ paths, output, passphrases }, options, person = "") => {
    const file = keyPath(paths.keys, person, options.for);
    const { text } = await readKey(file);
    const signer = await openPem(person, text, passphrases);
    replaceKey(file, await writeKeyFile(signer, await passphrases.askNew(`passphrase of ${person}`)));
    output.line(`The key ${signer.kid} of ${person} has another passphrase. Old copies of the file still open with the old one.`);
    output.result({ file, person, kid: signer.kid, use: options.for });
  });
}

function verb(keys: Command, name: string, description: string): Command {
  const use = new Option("--for <use>", "what it signs: commands, the documents of trust (root, owner), or an image repository (release)")
    .choices(KEY_USES)
    .default("command");
  return keys.command(name).description(description).argument("<person>").addOption(use);
}

async function openPem(person: string, text: string, passphrases: Passphrases): Promise<SoftwareSigner> {
  const isLocked = protectionOf(text) === "passphrase";
  return signerInPem(person, text, isLocked ? await passphrases.ask("passphrase of the key as it is") : "");
}

function factsOf({ person, kid, protection, token, publicJwk }: KeyFile) {
  return { person, kid, protection, ...(token !== undefined && { token }), publicJwk };
}
