/** The command line of a bench. */
import type { Command } from "commander";
import { program } from "../../program.ts";

export function benchProgram(bench: string, description: string): Command {
  return program(`bench:${bench}`, description).option("--json", "print one JSON object", false);
}
