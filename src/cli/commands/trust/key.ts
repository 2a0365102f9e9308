/** `edict trust key`: a new key for one person, made on that person's machine; only the public half travels. */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { generateSigner } from "../../../trust/sign/index.ts";
import { act } from "../../act.ts";

export function addKey(trust: Command): void {
  const command = trust
    .command("key")
    .description("make a key: a private file for its holder, and a public one for whoever drafts")
    .argument("<person>", "who holds it, for example anna@isp.example")
    .requiredOption("-o, --out <file>", "the private key; the public half goes to <file>.pub");
  act<{ out: string }>(command, async ({ output }, { out }, person = "") => {
    const signer = await generateSigner(person);
    const { kid, publicJwk } = signer;
    // Never over another key.
    writeFileSync(out, JSON.stringify(signer, null, 2), { mode: 0o600, flag: "wx" });
    writeFileSync(`${out}.pub`, JSON.stringify({ person, kid, publicJwk }, null, 2), { flag: "wx" });
    output.line(`Made the key ${kid} of ${person}: ${out} stays with them, ${out}.pub goes to whoever drafts.`);
    output.result({ person, kid, private: out, public: `${out}.pub` });
  });
}
