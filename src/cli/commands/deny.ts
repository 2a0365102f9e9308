/**
 * `edict deny`: puts devices on the deny list: refused at connect and at send, open channels closed. With --release it takes them
 * off, and out of the quarantine for identities that two devices used at once.
 */
import type { Command } from "commander";
import { devicesText } from "../../after-action/wording.ts";
import { denyListPayload } from "../../trust/permit.ts";
import { sign } from "../../trust/sign/index.ts";
import { act } from "../act.ts";
import { clientFor } from "../context.ts";
import { signerOf } from "../keys/key-ring.ts";
import { signHeadAfter } from "../sign-head.ts";

export function addDeny(program: Command): void {
  const command = program
    .command("deny")
    .description("put devices on the deny list (one person signs); without ids, show it and who is in quarantine")
    .argument("[id...]")
    .option("--release", "take them off the list and out of quarantine instead")
    .option("--as <person>", "who denies", "approver");
  act<{ as: string; release?: boolean }>(command, async (context, options, ...ids) => {
    const client = clientFor(context, options.as);
    const current = await client.denied();
    if (ids.length === 0) {
      for (const id of current.devices) context.output.line(id);
      for (const id of current.quarantined) context.output.line(`${id} in quarantine: two devices used this identity at once`);
      context.output.result(current);
      return;
    }
    const next = options.release ? current.devices.filter((id) => !ids.includes(id)) : [...current.devices, ...ids];
    const payload = denyListPayload({
      version: current.version + 1,
      created_ms: Date.now(),
      devices: [...new Set(next)].sort(),
      ...(options.release && { released: ids }),
    });
    const signer = await signerOf(context, options.as);
    const result = await client.deny(await sign(payload, "deny-list", signer));
    await signHeadAfter(context, client, signer);
    context.output.line(`Deny list ${result.version}: ${devicesText(result.devices)}, ${result.quarantined.length} in quarantine.`);
    context.output.result(result);
  });
}
