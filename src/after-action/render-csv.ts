/** One line per targeted device, RFC 4180 (CRLF, quotes doubled). Pure. */
import type { Report } from "./report-model.ts";
import { timeText } from "./wording.ts";

const HEADER = ["id", "ordinal", "verdict", "because", "evidence_at"];

/** Starts with a header line; every line ends with CRLF. */
export function renderCsv(report: Report): string {
  const lines = [HEADER.join(",")];
  for (const { id, ordinal, verdict, because, evidenceAtMs } of report.devices) {
    const at = evidenceAtMs === undefined ? "" : timeText(evidenceAtMs);
    lines.push([field(id), String(ordinal), verdict, field(because), at].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * Quotes where RFC 4180 needs it. A field that a spreadsheet would run as a formula (a device may name itself `=HYPERLINK(...)`) gets an
 * apostrophe in front, also behind blanks, which spreadsheets skip (OWASP, CSV injection).
 */
function field(text: string): string {
  const guarded = /^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
