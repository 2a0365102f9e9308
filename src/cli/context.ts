/** What every command needs: the state directory, where to print, who is asking, and the way to the running server. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Signer } from "../trust/sign/index.ts";
import { ApiClient } from "../server/client.ts";
import { readRunning, readState, type StatePaths, statePaths } from "../server/state-directory.ts";
import { CliError } from "./errors.ts";
import type { Output } from "./output.ts";

export interface Context {
  readonly paths: StatePaths;
  readonly output: Output;
}

export function makeContext(state: string | undefined, output: Output): Context {
  return { paths: statePaths(resolve(state ?? process.env.EDICT_STATE ?? ".edict")), output };
}

/** The management API as `person` sees it. Throws ERR_CLI_NOT_RUNNING when no server holds this state directory. */
export function clientFor({ paths }: Context, person: string): ApiClient {
  const { config, tls } = readState(paths.directory);
  const running = readRunning(paths);
  if (running === undefined) throw new CliError("ERR_CLI_NOT_RUNNING", `no server is running on ${paths.directory}`);
  const token = readText(join(paths.tokens, `${person}.token`), `the API token of "${person}"`).trim();
  return new ApiClient({ url: `https://${config.api.hostname}:${running.api}`, caPem: tls.caPem, token });
}

/** A person's private key. In the field it lies on that person's own machine; here under keys/ of the state directory. */
export function signerOf({ paths }: Context, person: string): Signer {
  const file = join(paths.keys, `${person}.json`);
  if (!existsSync(file)) throw new CliError("ERR_CLI_KEY", `there is no key of "${person}" (${file})`);
  return JSON.parse(readFileSync(file, "utf8")) as Signer;
}

export function readText(file: string, what = "the file"): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `${what} cannot be read: ${file}`, { cause });
  }
}
