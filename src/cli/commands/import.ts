/** `edict import`: reads an OpenC2 text from before 1.0, says what it changes line by line, and writes OpenC2 1.0. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { import2018 } from "../../openc2/import-2018/index.ts";
import { act } from "../act.ts";
import { readText } from "../context.ts";

export function addImport(program: Command): void {
  const command = program
    .command("import")
    .description("read a pre-1.0 OpenC2 command, as use case 18 prints it, and write it as OpenC2 1.0")
    .argument("<file>", "the old text")
    .option("-o, --output <file>", "where to write the 1.0 command (default: standard output)");
  act<{ output?: string }>(command, ({ output }, options, file = "") => {
    const { command: imported, changes } = import2018(readText(file));
    for (const { line, column, was, now, why } of changes) {
      output.line(`${`${file}:${line}:${column}`.padEnd(34)} ${was} -> ${now === "" ? "(left out)" : now}`);
      output.line(`${" ".repeat(34)} ${why}`);
    }
    const text = `${JSON.stringify(imported, null, 2)}\n`;
    if (options.output === undefined) output.line(text);
    else {
      writeFileSync(options.output, text);
      output.line(`Wrote ${options.output}. Next: edict send ${options.output}`);
    }
    output.result({ command: imported, changes });
  });
}
