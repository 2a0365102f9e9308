/** The PEM files of one side of mutual TLS: a folder that `edict openc2 keys` made, or three files by name. */
import { join } from "node:path";
import type { Command } from "commander";
import { readText } from "../context.ts";
import { CliError } from "../errors.ts";

export interface TlsFiles {
  readonly keys?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

export interface TlsPems {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export function addTlsOptions(command: Command): Command {
  return command
    .option("--keys <dir>", "folder that `edict openc2 keys` made, instead of the next three")
    .option("--cert <file>", "own certificate, PEM")
    .option("--key <file>", "its private key, PEM")
    .option("--ca <file>", "authorities that certify the other side, PEM");
}

export function readTls({ keys, cert, key, ca }: TlsFiles, role: "consumer" | "producer"): TlsPems {
  const inFolder = (name: string) => (keys === undefined ? undefined : join(keys, name));
  const pem = (given: string | undefined, name: string, what: string) => {
    const file = given ?? inFolder(name);
    if (file === undefined) throw new CliError("ERR_CLI_USAGE", `say where the ${what} is: --keys, or --cert, --key and --ca`);
    return readText(file, `the ${what}`);
  };
  return {
    certPem: pem(cert, `${role}.pem`, "certificate"),
    keyPem: pem(key, `${role}-key.pem`, "private key"),
    caPem: pem(ca, "ca.pem", "authority's certificate"),
  };
}
