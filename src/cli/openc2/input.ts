/** Bytes of a message from a file or from standard input. */
import { readFileSync } from "node:fs";
import { CliError } from "../errors.ts";

/** `-` is standard input. */
export function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file === "-" ? 0 : file));
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `${file} cannot be read`, { cause });
  }
}
