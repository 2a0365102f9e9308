/** `edict trust sign`: one person's signature on a drafted document. It needs no server and no state directory. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { signDocument } from "../../../trust/sign/index.ts";
import { act } from "../../act.ts";
import { openKey, readKey } from "../../keys/key-ring.ts";
import { describe, parseTrustDocument, titleOf } from "../../trust/describe.ts";

export function addSign(trust: Command): void {
  const command = trust
    .command("sign")
    .description("read what a document says, and add one person's signature to it")
    .argument("<file>")
    .requiredOption("--key <file>", "this person's key file");
  act<{ key: string }>(command, async ({ output, passphrases }, { key }, file = "") => {
    const signer = await openKey(await readKey(key), passphrases);
    const bytes = await signDocument(readFileSync(file), signer);
    const signed = parseTrustDocument(bytes);
    writeFileSync(file, bytes);
    output.line(`${signer.person} has signed ${titleOf(signed)}:`);
    for (const line of describe(signed)) output.line(line);
    output.result({ file, person: signer.person, version: signed.document.version, signatures: signed.document.signatures.size });
  });
}
