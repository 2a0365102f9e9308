/** The errors of the campaign room: drafts that cannot be, signatures that do not fit, acts that the state forbids. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type CampaignErrorCode =
  | "ERR_CAMPAIGN_NOT_FOUND"
  | "ERR_CAMPAIGN_EXISTS"
  | "ERR_CAMPAIGN_COMMAND"
  | "ERR_CAMPAIGN_EMPTY"
  | "ERR_CAMPAIGN_LADDER"
  | "ERR_CAMPAIGN_TERMS"
  | "ERR_CAMPAIGN_POLICY"
  | "ERR_CAMPAIGN_STATE"
  | "ERR_CAMPAIGN_PAYLOAD"
  | "ERR_CAMPAIGN_SIGNERS"
  | "ERR_CAMPAIGN_STATEMENT"
  | "ERR_CAMPAIGN_TARGETS"
  | "ERR_CAMPAIGN_LEDGER_LINE"
  | "ERR_CAMPAIGN_CHECKPOINT";

export const CAMPAIGN_ERRORS: ErrorTable<CampaignErrorCode> = {
  ERR_CAMPAIGN_NOT_FOUND: { actor: "operator", retry: false, status: 404, help: "Check the campaign's id with `edict status`." },
  ERR_CAMPAIGN_EXISTS: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Give the command another command_id: devices do nothing for one that they have seen.",
  },
  ERR_CAMPAIGN_COMMAND: {
    actor: "producer",
    retry: false,
    status: 400,
    help: "Draft from an update of x-swup:software, or from a stop of a process that it names with a query for its devices; with response_requested none and a command_id of 1 to 34 characters.",
  },
  ERR_CAMPAIGN_EMPTY: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "No device is selected: look in the dry run at what was left out and why, and change the query.",
  },
  ERR_CAMPAIGN_LADDER: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Mend the ladder: a canary of at least 1, a growth from 1 to 4.",
  },
  ERR_CAMPAIGN_TERMS: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Mend the window, rate, spread or halt rule that the message names.",
  },
  ERR_CAMPAIGN_POLICY: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Do what each finding says (docs/operate/policy.md); some may be overridden with a reason, which is recorded.",
  },
  ERR_CAMPAIGN_STATE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "The campaign's state does not allow this; see `edict status`.",
  },
  ERR_CAMPAIGN_PAYLOAD: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Fetch the campaign again and sign exactly the bytes that it shows; if they differ from before, raise an alarm.",
  },
  ERR_CAMPAIGN_SIGNERS: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "The author signs all four texts first; then another person of the director adds signatures to all four.",
  },
  ERR_CAMPAIGN_STATEMENT: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Sign a statement about this campaign, newer than the last one.",
  },
  ERR_CAMPAIGN_TARGETS: { actor: "operator", retry: false, status: 400, help: "Choose devices that this campaign was approved for." },
  ERR_CAMPAIGN_LEDGER_LINE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Export the ledger again; the line is not one that Edict wrote.",
  },
  ERR_CAMPAIGN_CHECKPOINT: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "If its signer has left, name the director's version of that time with --director. If not, somebody forged it: raise an alarm.",
  },
};

export class CampaignError extends EdictError<CampaignErrorCode> {
  constructor(code: CampaignErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, CAMPAIGN_ERRORS[code], message, options);
  }
}
