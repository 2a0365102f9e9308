/** The ledger as JSON lines, one entry per line: what `edict ledger` writes, and what an offline verifier reads back. Pure. */
import { CampaignError } from "./errors.ts";
import { LEDGER_LINE_CHARACTERS_MAX } from "./limits.ts";
import type { LedgerEntry } from "./ports.ts";

const KINDS: { readonly [name in keyof Required<LedgerEntry>]: "number" | "string" | "object" } = {
  seq: "number",
  previous: "string",
  atMs: "number",
  actor: "string",
  act: "string",
  campaignId: "string",
  detail: "object",
  hash: "string",
};
const OPTIONAL: readonly string[] = ["campaignId", "detail"];

/** Without the line break. */
export function toLedgerLine(entry: LedgerEntry): string {
  return JSON.stringify(entry);
}

/** Reads what `toLedgerLine` wrote; empty lines are skipped. Throws ERR_CAMPAIGN_LEDGER_LINE with the line's number. */
export function* fromLedgerLines(text: string): Iterable<LedgerEntry> {
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") yield readLine(line, index + 1);
  }
}

function readLine(line: string, number: number): LedgerEntry {
  const refuse = (why: string, cause?: unknown): CampaignError =>
    new CampaignError("ERR_CAMPAIGN_LEDGER_LINE", `line ${number} of the file: ${why}`, { cause });
  if (line.length > LEDGER_LINE_CHARACTERS_MAX) throw refuse(`longer than ${LEDGER_LINE_CHARACTERS_MAX} characters`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw refuse("not JSON", cause);
  }
  // A member that the hash does not cover could be changed unseen: refused, so that what is shown is what was chained.
  if (!isEntry(value)) throw refuse("not a ledger entry, or with members that no entry has");
  return value;
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== "object" || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  const isComplete = Object.keys(KINDS).every((name) => members.has(name) || OPTIONAL.includes(name));
  return isComplete && [...members].every(([name, member]) => isMember(name, member));
}

function isMember(name: string, member: unknown): boolean {
  const kind = new Map(Object.entries(KINDS)).get(name);
  if (kind !== "object") return typeof member === kind;
  const isObject = typeof member === "object" && member !== null && !Array.isArray(member);
  return isObject && Object.values(member).every((detail) => typeof detail !== "object" || detail === null);
}
