/** A token in software (Debian: softhsm2) with one P-256 key, for tests; undefined where it, or OpenSC's tool, is not installed. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MODULE = "/usr/lib/softhsm/libsofthsm2.so";
export const PIN = "8765-4321";
export const tokenSkipReason =
  Bun.which("softhsm2-util") !== null && Bun.which("pkcs11-tool") !== null && existsSync(MODULE)
    ? ""
    : " (skipped: softhsm2 and opensc are not installed)";

/** Returns the key's URI. Processes find the token by SOFTHSM2_CONF, which is set for this one. */
export function makeToken(directory: string, object: string): string {
  mkdirSync(join(directory, "tokens"));
  writeFileSync(join(directory, "softhsm2.conf"), `directories.tokendir = ${join(directory, "tokens")}\n`);
  process.env["SOFTHSM2_CONF"] = join(directory, "softhsm2.conf");
  run("softhsm2-util", "--init-token", "--free", "--label", "edict test", "--so-pin", PIN, "--pin", PIN);
  const login = ["--module", MODULE, "--token-label", "edict test", "--login", "--pin", PIN];
  run("pkcs11-tool", ...login, "--keypairgen", "--key-type", "EC:prime256v1", "--label", object);
  return `pkcs11:token=edict%20test;object=${object}?module-path=${MODULE}`;
}

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command, { env: process.env });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
