/**
 * Takes signatures that people made elsewhere. Pure: nothing is signed and nothing is kept here.
 *
 * Rules: all four texts carry exactly the drafted bytes; the author signs first, somebody else approves; the same people
 * sign all four, so that nobody approves a permit without its commands. Enough people by the director: approved.
 */
import type { Director, Statement } from "../trust/director.ts";
import { permitPayload } from "../trust/permit.ts";
import { verifyStatement } from "../trust/verify/index.ts";
import type { Campaign } from "./campaign.ts";
import { CampaignError } from "./errors.ts";

/**
 * The campaign with these signatures on it: still a draft, or approved when the director's thresholds are met.
 * Throws ERR_CAMPAIGN_STATE, ERR_CAMPAIGN_PAYLOAD, ERR_CAMPAIGN_SIGNERS, or what `verifyStatement` throws.
 */
export async function acceptSignatures(campaign: Campaign, signed: Campaign["signed"], director: Director): Promise<Campaign> {
  if (campaign.state !== "draft")
    throw new CampaignError("ERR_CAMPAIGN_STATE", `${campaign.id} is ${campaign.state}, only a draft is signed`);
  const { messages, permit } = campaign;
  const texts: readonly [keyof Campaign["signed"], Statement, Uint8Array][] = [
    ["canary", "command", bytesOf(messages.canary)],
    ["mass", "command", bytesOf(messages.mass)],
    ["query", "command", bytesOf(messages.query)],
    ["permit", "permit", permitPayload(permit)],
  ];
  const signers: (readonly string[])[] = [];
  for (const [name, statement, drafted] of texts) {
    signers.push(await signersOf(signed[name], statement, director, drafted, `${name} of ${campaign.id}`));
  }
  const signedBy = agreed(signers, campaign.author);
  const needed = Math.max(director.roles.command.threshold, director.roles.permit.threshold);
  return { ...campaign, signed, signedBy, state: signedBy.length >= needed ? "approved" : "draft" };
}

async function signersOf(
  text: string,
  statement: Statement,
  director: Director,
  drafted: Uint8Array,
  what: string,
): Promise<readonly string[]> {
  // Each signature is verified as it arrives; whether there are enough is asked when all four are known.
  const roles = { ...director.roles, [statement]: { ...director.roles[statement], threshold: 1 } };
  const { payload, persons } = await verifyStatement(new TextEncoder().encode(text), { director: { ...director, roles }, statement });
  const isDrafted = payload.length === drafted.length && payload.every((byte, index) => byte === drafted[index]);
  if (!isDrafted) throw new CampaignError("ERR_CAMPAIGN_PAYLOAD", `what was signed as the ${what} is not what was drafted`);
  return persons;
}

function agreed(signers: readonly (readonly string[])[], author: string): readonly string[] {
  const [first = [], ...others] = signers;
  const isSame = others.every((persons) => persons.length === first.length && persons.every((person) => first.includes(person)));
  if (!isSame) throw new CampaignError("ERR_CAMPAIGN_SIGNERS", "the four texts are not signed by the same people");
  if (first[0] !== author)
    throw new CampaignError("ERR_CAMPAIGN_SIGNERS", `the first signature is by ${first[0]}; the author is ${author}`);
  return first;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}
