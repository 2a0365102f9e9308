/** One line per targeted device, RFC 4180 (CRLF, quotes doubled), for a stream. Pure. */
import type { DeviceRow } from "./report-model.ts";
import { timeText } from "./wording.ts";

const KINDS = ["checkInMs", "responseMs", "queryMs", "downloadMs", "channelMs"] as const;
const NAMES = ["check_in", "response", "query_answer", "download", "channel"];

/** Ages are of the newest evidence of each kind, in seconds before the report. */
export const CSV_HEADER = `id,ordinal,verdict,because,said,evidence_at,evidence_age_s,${NAMES.map((name) => `${name}_age_s`).join()}\r\n`;

/** Ends with CRLF. */
export function csvLine({ id, ordinal, verdict, because, said, evidenceAtMs, newest }: DeviceRow, nowMs: number): string {
  const age = (ms: number | undefined) => (ms === undefined ? "" : String(Math.round((nowMs - ms) / 1000)));
  const at = evidenceAtMs === undefined ? "" : timeText(evidenceAtMs);
  const ages = [evidenceAtMs, ...KINDS.map((kind) => newest[kind])].map(age);
  return `${[field(id), ordinal, verdict, field(because), said ?? "", at, ...ages].join()}\r\n`;
}

/**
 * Quotes where RFC 4180 needs it. A field that a spreadsheet would run as a formula (a device may name itself `=HYPERLINK(...)`) gets an
 * apostrophe in front, also behind blanks, which spreadsheets skip (OWASP, CSV injection).
 */
function field(text: string): string {
  const guarded = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
