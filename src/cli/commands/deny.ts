/** `edict deny`: puts devices on the deny list: refused at connect and at send, open channels closed. */
import type { Command } from "commander";
import { devicesText } from "../../after-action/wording.ts";
import { denyListPayload } from "../../trust/permit.ts";
import { sign } from "../../trust/sign/index.ts";
import { act } from "../act.ts";
import { clientFor, signerOf } from "../context.ts";

export function addDeny(program: Command): void {
  const command = program
    .command("deny")
    .description("put devices on the deny list (one person signs); without ids, show it")
    .argument("[id...]")
    .option("--as <person>", "who denies", "approver");
  act<{ as: string }>(command, async (context, options, ...ids) => {
    const client = clientFor(context, options.as);
    const current = await client.denied();
    if (ids.length === 0) {
      for (const id of current.devices) context.output.line(id);
      context.output.result(current);
      return;
    }
    const devices = [...new Set([...current.devices, ...ids])].sort();
    const payload = denyListPayload({ version: current.version + 1, created_ms: Date.now(), devices });
    const result = await client.deny(await sign(payload, "deny-list", signerOf(context, options.as)));
    context.output.line(`Deny list ${result.version}: ${devicesText(result.devices)}.`);
    context.output.result(result);
  });
}
