/** CSV as RFC 4180 has it, within one line: no fact holds a line break. Pure. */
import { FleetError } from "../errors.ts";
import { checkColumns, type Row, wrong } from "./row.ts";

/**
 * A spreadsheet would run it as a formula (OWASP, CSV injection). An export puts an apostrophe in front, an import takes it off; text that
 * has such apostrophes of its own gets one more, so that what comes back is what went out.
 */
const FORMULA = /^'*\s*[=+\-@＝＋－＠]/;

export class CsvTable {
  readonly #names: readonly string[];

  /** Throws ERR_FLEET_IMPORT_COLUMN for a column that is unknown or stands twice. */
  constructor(header: string, line: number) {
    this.#names = splitCsv(header, line);
    checkColumns(this.#names, line);
    if (new Set(this.#names).size !== this.#names.length)
      throw new FleetError("ERR_FLEET_IMPORT_COLUMN", `line ${line}: a column stands twice`);
  }

  /** Throws ERR_FLEET_IMPORT_ROW. */
  row(text: string, line: number): Row {
    const fields = splitCsv(text, line);
    if (fields.length !== this.#names.length) throw wrong(line, `it has ${fields.length} fields, the header has ${this.#names.length}`);
    const row: Record<string, string> = {};
    for (const [index, name] of this.#names.entries()) row[name] = fields[index] ?? "";
    return row;
  }
}

export function csvLine(fields: readonly string[]): string {
  return `${fields.map(quoted).join(",")}\r\n`;
}

function quoted(text: string): string {
  const guarded = FORMULA.test(text) ? `'${text}` : text;
  return /[",'\s]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function splitCsv(text: string, line: number): readonly string[] {
  if (!text.includes('"')) return text.split(",").map((field) => unguarded(field.trim()));
  const fields: string[] = [];
  // Every match takes the comma behind the field or ends the line: none is empty twice at one place.
  const pattern = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/gy;
  for (;;) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw wrong(line, `its quoting breaks at column ${start + 1}`);
    fields.push(unguarded(match[1]?.replaceAll('""', '"') ?? (match[2] ?? "").trim()));
    if (match[3] === "") return fields;
  }
}

function unguarded(field: string): string {
  return field.startsWith("'") && FORMULA.test(field) ? field.slice(1) : field;
}
