/**
 * The three OpenC2 messages of a campaign, made from the one command that the operator wrote. All are drafted, and later
 * signed, together, so that a person sees the whole campaign and no server needs a key that a device obeys.
 *
 * The mass command keeps the operator's command_id and carries no request_id: nothing refers to an answer that must not come.
 * Canary and query ask for one, under a request_id that is their own command_id.
 */
import { checkMassCommand, encodeRequest } from "../openc2/index.ts";
import type { Command, Headers } from "../openc2/model.ts";
import type { Campaign } from "./campaign.ts";
import { refuse } from "./commands/command-kind.ts";
import { kindOf } from "./commands/index.ts";
import { BASE_ID_CHARACTERS_MAX } from "./limits.ts";

export interface MessageTerms {
  /** Envelope `created`. ms since the epoch */
  readonly createdMs: number;
  /** Envelope `from`: the director's name. */
  readonly from: string;
  /** ms since the epoch */
  readonly notAfterMs: number;
  readonly spreadMs: number;
}

export interface DraftedMessages {
  /** The mass command as sent, for people to read. */
  readonly command: Command;
  readonly commandIds: Campaign["commandIds"];
  /** The exact bytes to sign. */
  readonly bytes: { readonly [message in keyof Campaign["messages"]]: Uint8Array };
}

/** Pure. Throws ERR_CAMPAIGN_COMMAND for what no campaign carries, and what `checkMassCommand` throws. */
export function draftMessages(written: Command, terms: MessageTerms): DraftedMessages {
  const { profile, queryTarget } = kindOf(written);
  const target = queryTarget(written);
  const baseId = baseIdOf(written);
  const commandIds = { canary: `${baseId}-c`, mass: baseId, query: `${baseId}-q` };
  const limits = { not_after: terms.notAfterMs, spread: terms.spreadMs };
  const args = { ...written.args, response_requested: "none", [profile]: { ...written.args?.[profile], ...limits } } as const;
  const command: Command = { ...written, args };
  checkMassCommand(command);
  const canary: Command = { ...command, args: { ...args, response_requested: "complete" }, command_id: commandIds.canary };
  const query: Command = {
    action: "query",
    target,
    args: { response_requested: "complete", [profile]: { not_after: terms.notAfterMs } },
    command_id: commandIds.query,
  };
  const headers: Headers = { created: terms.createdMs, from: terms.from };
  return {
    command,
    commandIds,
    bytes: {
      canary: encodeRequest({ ...headers, request_id: commandIds.canary }, canary),
      mass: encodeRequest(headers, command),
      query: encodeRequest({ ...headers, request_id: commandIds.query }, query),
    },
  };
}

function baseIdOf({ args, command_id: baseId = "" }: Command): string {
  if (args?.response_requested !== "none") refuse("the command does not say response_requested none");
  if (!/^\S+$/.test(baseId) || baseId.length > BASE_ID_CHARACTERS_MAX) {
    refuse(`the command_id "${baseId}" must have 1 to ${BASE_ID_CHARACTERS_MAX} characters and no spaces`);
  }
  return baseId;
}
