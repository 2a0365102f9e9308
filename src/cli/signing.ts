/**
 * What a person's side does before it signs a campaign. The server is not trusted here: every message is held against the permit
 * and against what is shown, and tried on a device (device-trial.ts), so that nobody signs something else, or what devices refuse.
 */
import { kindOf } from "../campaign/commands/index.ts";
import type { CampaignView } from "../server/api/views.ts";
import type { DraftRequest, Signatures } from "../server/api/schemas.ts";
import {
  checkMassCommand,
  type Command,
  parseMessage,
  type ReadMessage,
  SOFTWARE_TARGET,
  type Software,
  type Validated,
} from "../openc2/index.ts";
import { permitPayload } from "../trust/permit.ts";
import { addSignature, type Signer, sign } from "../trust/sign/index.ts";
import { sha256Hex } from "../trust/verify/index.ts";
import { type Trial, tryOnDevice } from "./device-trial.ts";
import { CliError } from "./errors.ts";
import { DATED_AHEAD_MAX_MS } from "./limits.ts";

/** The author signs without being asked again: what was written, for as many newcomers as were said, whatever the server made of it. */
export function checkDrafted(campaign: CampaignView | undefined, { command, newcomersMax = 0 }: Omit<DraftRequest, "after">): void {
  const { action, target, command_id } = command;
  if (campaign === undefined || !Bun.deepMatch({ action, target, command_id }, campaign.command))
    refuse(`the server drafted something else than ${command_id} as it was written`);
  const joining = campaign.permit.newcomers?.count_max ?? 0;
  if (joining !== newcomersMax) refuse(`${joining} devices might join later, ${newcomersMax} were asked for`);
}

/** Lints a drafted campaign and adds this person's signature to its three messages and its permit. */
export async function signCampaign(campaign: CampaignView, signer: Signer): Promise<Signatures> {
  await lintCampaign(campaign);
  const { messages, signed } = campaign;
  const command = (text: string, payload: string) => addOrSign(text, Buffer.from(payload, "base64url"), "command", signer);
  return {
    canary: await command(signed.canary, messages.canary),
    mass: await command(signed.mass, messages.mass),
    query: await command(signed.query, messages.query),
    permit: await addOrSign(signed.permit, permitPayload(campaign.permit), "permit", signer),
  };
}

function addOrSign(text: string, payload: Uint8Array, statement: "command" | "permit", signer: Signer): Promise<string> {
  return text === "" ? sign(payload, statement, signer) : addSignature(text, statement, signer, payload);
}

/**
 * What devices would do with each message, for a person to read. Throws ERR_CLI_SIGN_LINT when the messages, the permit and what the
 * view claims are not one and the same, or when a device would refuse one.
 */
export async function lintCampaign(campaign: CampaignView): Promise<readonly Trial[]> {
  await compare(campaign);
  const trials = await tryOnDevice(campaign, Date.now());
  for (const { name, text, refused } of trials) if (refused !== undefined) refuse(`of the ${name} message: ${text}`);
  return trials;
}

async function compare(campaign: CampaignView): Promise<void> {
  const { messages, permit } = campaign;
  const digests = new Set(permit.commands);
  for (const [name, payload] of Object.entries(messages)) {
    const bytes = Buffer.from(payload, "base64url");
    const message = parseMessage(bytes);
    const command = requestOf(name, message);
    checkDate(name, message.headers.created ?? 0);
    if (!digests.has(await sha256Hex(bytes))) refuse(`the permit does not name the ${name} message`);
    checkScope(name, command, campaign);
  }
  if (digests.size !== Object.keys(messages).length) refuse("the permit names commands that were not shown");
  checkNewcomers(campaign);
  if (permit.campaign_id !== campaign.id) refuse(`the permit is for the campaign ${permit.campaign_id}`);
}

function checkScope(name: string, command: Validated<Command>, campaign: CampaignView): void {
  const shown = campaign.command;
  const { queryTarget } = kindOf(shown);
  if (name === "query") {
    if (command.action !== "query") refuse(`the query message is a command to ${command.action}`);
    if (!Bun.deepEquals(command.target, queryTarget(shown))) refuse("the query message asks about something else than the campaign shows");
    return;
  }
  checkMassCommand(command);
  const wanted = name === "mass" ? "none" : "complete";
  if (command.args?.response_requested !== wanted) refuse(`the ${name} message does not ask for "${wanted}"`);
  if (command.action !== shown.action) refuse(`the ${name} message is a command to ${command.action}`);
  if (!Bun.deepEquals(command.target, shown.target)) refuse(`the ${name} message is about something else than the campaign shows`);
}

/** Whoever appears later gets the same command: it has to be for their model. */
function checkNewcomers({ permit: { newcomers }, command }: CampaignView): void {
  const { vendor, name, new_version } = (command.target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  const { criteria } = newcomers ?? {};
  if (criteria !== undefined && !(criteria.vendor === vendor && criteria.name === name && criteria.new_version === new_version))
    refuse("newcomers may join that the command is not for");
}

/** A device without a clock takes its time from this date and never goes back: no wrong clock of a manager's may carry it ahead. */
function checkDate(name: string, createdMs: number): void {
  if (createdMs > Date.now() + DATED_AHEAD_MAX_MS)
    refuse(`the ${name} message is dated ${new Date(createdMs).toISOString()}; compare the manager's clock and yours`);
}

function requestOf(name: string, message: ReadMessage): Validated<Command> {
  if (message.kind === "request") return message.command;
  return refuse(`the ${name} message is not a command`);
}

function refuse(why: string): never {
  throw new CliError("ERR_CLI_SIGN_LINT", `not signed: ${why}`);
}
