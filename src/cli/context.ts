/** What every command needs: the state directory, where to print, where passphrases come from, and the way to the running server. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ApiClient } from "../server/client.ts";
import { readRunning, readState, type StatePaths, statePaths } from "../server/state-directory.ts";
import { CliError } from "./errors.ts";
import { makePassphrases, type Passphrases } from "./keys/passphrases.ts";
import type { Output } from "./output.ts";

export interface Context {
  readonly paths: StatePaths;
  readonly output: Output;
  readonly passphrases: Passphrases;
}

export function makeContext(state: string | undefined, output: Output, passphraseFile?: string): Context {
  return {
    paths: statePaths(resolve(state ?? process.env.EDICT_STATE ?? ".edict")),
    output,
    passphrases: makePassphrases(passphraseFile),
  };
}

/** The management API as `person` sees it. Throws ERR_CLI_NOT_RUNNING when no server holds this state directory. */
export function clientFor({ paths }: Context, person: string): ApiClient {
  const { config, tls } = readState(paths.directory);
  const running = readRunning(paths);
  if (running === undefined) throw new CliError("ERR_CLI_NOT_RUNNING", `no server is running on ${paths.directory}`);
  const token = readText(join(paths.tokens, `${person}.token`), `the API token of "${person}"`).trim();
  return new ApiClient({ url: `https://${config.api.hostname}:${running.api}`, caPem: tls.caPem, token });
}

export function readText(file: string, what = "the file"): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `${what} cannot be read: ${file}`, { cause });
  }
}
