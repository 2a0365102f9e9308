/**
 * Where passphrases and PINs come from: a prompt that shows nothing; for scripts a file, one line for each that is asked (a
 * pipe through /dev/stdin, a secret that a service manager mounts); or, with a warning, the environment.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError } from "../errors.ts";
import { PASSPHRASE_CHARACTERS_MIN } from "../limits.ts";

export interface Passphrases {
  /** Of a key that exists. */
  ask(what: string): Promise<string>;
  /** A new one: asked for twice where a person types it. Throws ERR_CLI_PASSPHRASE when it is too short, or not the same twice. */
  askNew(what: string): Promise<string>;
}

/** `file` as given with --passphrase-file. Nothing is read before the first question. */
export function makePassphrases(file: string | undefined): Passphrases {
  const next = sourceOf(file);
  return {
    ask: (what) => next(what),
    askNew: async (what) => {
      const passphrase = await next(`new ${what}`);
      if (passphrase.length < PASSPHRASE_CHARACTERS_MIN)
        throw refused(`a passphrase has at least ${PASSPHRASE_CHARACTERS_MIN} characters, this has ${passphrase.length}`);
      if (next === typed && (await next("the same again")) !== passphrase) throw refused("the two are not the same");
      return passphrase;
    },
  };
}

type Source = (what: string) => Promise<string>;

function sourceOf(file: string | undefined): Source {
  const fromEnvironment = process.env["EDICT_PASSPHRASE"];
  if (file !== undefined) return linesOf(file);
  if (fromEnvironment === undefined) return typed;
  console.error("edict: warning: the passphrase comes from EDICT_PASSPHRASE, which other programs of this user can read");
  return async () => fromEnvironment;
}

function linesOf(file: string): Source {
  let lines: string[] | undefined;
  return async (what) => {
    lines ??= readLines(file);
    const line = lines.shift();
    if (line === undefined) throw refused(`${file} has no further line for the ${what}`);
    return line;
  };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .replace(/\r?\n$/, "")
      .split(/\r?\n/);
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `the passphrases cannot be read: ${file}`, { cause });
  }
}

async function typed(what: string): Promise<string> {
  if (!process.stdin.isTTY) throw refused(`there is no terminal to ask on for the ${what}`);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now: what is typed before the terminal is told not to echo would be seen.
  process.stderr.write(`${what}: `);
  try {
    return await new Promise((resolve, reject) => {
      prompt.on("SIGINT", () => reject(refused("no passphrase was given")));
      prompt.on("close", () => reject(refused("no passphrase was given")));
      prompt.question("").then(resolve, reject);
    });
  } finally {
    prompt.close();
    process.stderr.write("\n");
  }
}

function refused(message: string): CliError {
  return new CliError("ERR_CLI_PASSPHRASE", message);
}
