/** `edict openc2 convert`: writes a message in another dialect or serialisation, strictly, from any that can be read. */
import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { type Dialect, DIALECTS, serialise } from "../../../openc2/index.ts";
import { signMessage } from "../../../trust/sign/index.ts";
import { act } from "../../act.ts";
import { CliError, EXIT } from "../../errors.ts";
import { linesOf, nameOfForm } from "../../openc2/describe.ts";
import { readBytes } from "../../openc2/input.ts";
import { readPrivateJwk } from "../../openc2/jwk-files.ts";
import { judge } from "../../openc2/verdict.ts";

interface ConvertOptions {
  readonly to: Dialect;
  readonly cbor?: boolean;
  readonly sign?: string;
  readonly output?: string;
}

export function addConvert(openc2: Command): void {
  const command = openc2
    .command("convert")
    .description("write a message in another dialect or serialisation (text from 2018 goes through `edict import` first)")
    .argument("<file>", "JSON or CBOR, any dialect; - is standard input")
    .addOption(new Option("--to <dialect>", "D1 bare LS 1.0, D2 with envelope, D3 draft of LS 2.0").choices(DIALECTS).default("D2"))
    .option("--cbor", "write CBOR instead of JSON")
    .option("--sign <jwk>", "put a signature with this private key into the envelope (draft of LS 2.0)")
    .option("-o, --output <file>", "where to write it (default: standard output)");
  act<ConvertOptions>(command, async ({ output }, { to, cbor = false, sign, output: target }, file = "") => {
    if (sign !== undefined && (cbor || to === "D1")) throw new CliError("ERR_CLI_USAGE", "a signature stands in an envelope, in JSON");
    if (cbor && target === undefined) throw new CliError("ERR_CLI_USAGE", "CBOR is binary: say where to write it with --output");
    const read = judge(readBytes(file), { dialect: "any", profiles: "known", tolerate: true });
    const { message, faults, tolerances } = read;
    if (message === undefined) {
      for (const line of faults.flatMap((fault) => linesOf(file, fault))) output.line(line);
      output.result({ faults });
      process.exitCode = EXIT.refused;
      return;
    }
    const serialisation = cbor ? "cbor" : "json";
    const unsigned = serialise(message, to, serialisation);
    const bytes = sign === undefined ? unsigned : await signMessage(unsigned, readPrivateJwk(sign));
    const text = new TextDecoder().decode(bytes);
    if (target === undefined) output.line(text);
    else {
      writeFileSync(target, bytes);
      const [was, is] = [nameOfForm(read.dialect, read.serialisation), nameOfForm(to, serialisation)];
      output.line(`Wrote ${target}: ${is}, ${bytes.length} bytes, from ${was}.`);
      if (tolerances.length > 0) output.line(`Put right: ${tolerances.join(", ")}.`);
      if (read.signed) output.line("Its signature does not fit what was written, and was left out.");
    }
    output.result({ from: read.dialect, to, serialisation, bytes: bytes.length, tolerances, ...(!cbor && { message: JSON.parse(text) }) });
  });
}
