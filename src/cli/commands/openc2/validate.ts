/** `edict openc2 validate`: says whether a file is an OpenC2 message, in which dialect, and everything that is wrong with it. */
import { type Command, Option } from "commander";
import { type Dialect, DIALECTS } from "../../../openc2/index.ts";
import { verifyMessageSignature } from "../../../trust/verify/index.ts";
import { act } from "../../act.ts";
import { EXIT } from "../../errors.ts";
import { linesOf, nameOfForm, summaryOf } from "../../openc2/describe.ts";
import { readBytes } from "../../openc2/input.ts";
import { readJwks } from "../../openc2/jwk-files.ts";
import { isFrom2018, judge } from "../../openc2/verdict.ts";

interface ValidateOptions {
  readonly dialect: Dialect | "any";
  readonly profiles: "known" | "any";
  readonly tolerate?: boolean;
  readonly jwks?: string;
}

export function addValidate(openc2: Command): void {
  const command = openc2
    .command("validate")
    .description("say whether a message is valid, in which dialect, and everything that is wrong with it")
    .argument("<file>", "JSON or CBOR; - is standard input")
    .addOption(new Option("--dialect <name>", "read it as this one").choices(["any", ...DIALECTS]).default("any"))
    .addOption(new Option("--profiles <which>", "any lets pass what this build does not know").choices(["known", "any"]).default("known"))
    .option("--tolerate", "also put up with what implementations in the field get wrong")
    .option("--jwks <file>", "verify its signature (draft of LS 2.0) with one of these public keys");
  act<ValidateOptions>(command, async ({ output }, { dialect, profiles, tolerate = false, jwks }, file = "") => {
    const bytes = readBytes(file);
    const verdict = judge(bytes, { dialect, profiles, tolerate });
    const { valid, message, tolerances, signed, faults } = verdict;
    const signer = message !== undefined && jwks !== undefined ? await verifyMessageSignature(bytes, readJwks(jwks)) : undefined;
    const form = nameOfForm(verdict.dialect, verdict.serialisation);
    for (const line of faults.flatMap((fault) => linesOf(file, fault))) output.line(line);
    if (message === undefined) {
      output.line(`${file} is not valid; read as ${form}, it has ${faults.length} fault${faults.length === 1 ? "" : "s"}.`);
      if (isFrom2018(bytes)) output.line(`It is OpenC2 of 2018, from before 1.0. Next: edict import ${file}`);
    } else {
      output.line(`${file} is a valid ${message.kind}: ${form}.`);
      output.line(`    ${summaryOf(message)}`);
      if (tolerances.length > 0) output.line(`    put up with: ${tolerances.join(", ")}`);
      if (signer !== undefined) output.line(`    signed by ${signer.kid}`);
      else if (signed) output.line("    it has a signature, which was not verified");
    }
    const { serialisation } = verdict;
    output.result({ valid, serialisation, dialect: verdict.dialect, kind: message?.kind, tolerances, signed, signer: signer?.kid, faults });
    if (!valid) process.exitCode = EXIT.refused;
  });
}
