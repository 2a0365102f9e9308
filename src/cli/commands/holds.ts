/** `edict stop`, `pause`, `resume` and `cancel`: holding and cancelling need one person, resuming needs two. A pause is not signed. */
import type { Command } from "commander";
import { kindOf } from "../../campaign/commands/index.ts";
import { encodeRequest } from "../../openc2/index.ts";
import { holdPayload } from "../../trust/permit.ts";
import { addSignature, type Signer, sign } from "../../trust/sign/index.ts";
import type { CampaignView } from "../../server/api/views.ts";
import type { ApiClient } from "../../server/client.ts";
import { act } from "../act.ts";
import { eachStep } from "../each-step.ts";
import { type Context, clientFor } from "../context.ts";
import { CliError } from "../errors.ts";
import { signerOf } from "../keys/key-ring.ts";
import { signHeadAfter } from "../sign-head.ts";

const NAMED = "a campaign's id, or a playbook's name for all its steps";

interface HoldOptions {
  readonly as: string[];
  readonly reason: string;
}

export function addHolds(program: Command): void {
  addStop(program);
  addPause(program);
  addResume(program);
  addCancel(program);
}

function addStop(program: Command): void {
  const command = program.command("stop").description("stop sending at once; one person is enough").argument("<id>", NAMED);
  command.requiredOption("--reason <text>", "why; it is recorded").option("--as <person>", "who stops", one, ["approver"]);
  act<HoldOptions>(command, (context, options, id = "") => hold(context, options, id, "stop"));
}

function addPause(program: Command): void {
  const command = program
    .command("pause")
    .description("send no more until two people resume it; not signed: it holds as long as the manager is trusted")
    .argument("<id>", NAMED);
  command.requiredOption("--reason <text>", "why; it is recorded").option("--as <person>", "who pauses", one, ["approver"]);
  act<HoldOptions>(command, async (context, { as: [person = ""], reason }, id = "") => {
    const client = clientFor(context, person);
    await eachStep(context, client, id, (campaignId) => client.pause(campaignId, reason));
  });
}

function addResume(program: Command): void {
  const command = program.command("resume").description("go on sending; two people sign").argument("<id>", NAMED);
  command
    .requiredOption("--reason <text>", "why; it is recorded")
    .option("--as <person...>", "who resumes: two people", ["author", "approver"]);
  act<HoldOptions>(command, (context, options, id = "") => hold(context, options, id, "resume"));
}

function addCancel(program: Command): void {
  const command = program
    .command("cancel")
    .description("stop sending, and tell every device that was sent the command to drop it if it has not begun")
    .argument("<id>", NAMED);
  command.requiredOption("--reason <text>", "why; it is recorded").option("--as <person>", "who cancels", one, ["approver"]);
  act<HoldOptions>(command, async (context, options, id = "") => {
    const [person = ""] = options.as;
    const signer = await signerOf(context, person);
    const client = clientFor(context, person);
    await eachStep(context, client, id, (campaignId) => cancel(client, campaignId, options.reason, signer));
    await signHeadAfter(context, client, signer);
  });
}

async function cancel(client: ApiClient, id: string, reason: string, signer: Signer): Promise<CampaignView> {
  const campaign = await client.campaign(id);
  const statement = await sign(holdPayload({ campaign_id: id, at_ms: Date.now(), reason }), "stop", signer);
  // The canary was sent under a command id of its own, so it is called off by a command of its own.
  let view = campaign;
  for (const cancelled of [`${id}-c`, id]) {
    const frame = await sign(cancelMessage(cancelled, campaign), "stopping-command", signer);
    view = await client.cancel(id, statement, frame);
  }
  return view;
}

function cancelMessage(cancelled: string, { author, notAfterMs, command }: CampaignView): Uint8Array {
  const headers = { created: Date.now(), from: author };
  const args = { response_requested: "none", [kindOf(command).profile]: { not_after: notAfterMs } } as const;
  return encodeRequest(headers, { action: "cancel", target: { command: cancelled }, args, command_id: crypto.randomUUID() });
}

async function hold(context: Context, { as: people, reason }: HoldOptions, id: string, kind: "stop" | "resume"): Promise<void> {
  const [first, ...others] = people;
  if (first === undefined) throw new CliError("ERR_CLI_USAGE", "say who with --as");
  const signer = await signerOf(context, first);
  const signers: Signer[] = [];
  for (const person of others) signers.push(await signerOf(context, person));
  const client = clientFor(context, first);
  await eachStep(context, client, id, async (campaignId) => {
    const payload = holdPayload({ campaign_id: campaignId, at_ms: Date.now(), reason });
    let statement = await sign(payload, kind, signer);
    for (const other of signers) statement = await addSignature(statement, kind, other, payload);
    return client.hold(campaignId, kind, statement);
  });
  await signHeadAfter(context, client, signer);
}

function one(person: string): string[] {
  return [person];
}
