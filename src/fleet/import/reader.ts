/**
 * Reads devices from the lines of a CSV file (with a header) or of a file of JSON lines. The first line that is wrong is named with its
 * fact. Pure.
 */
import type { DeviceFacts } from "../device.ts";
import { FleetError } from "../errors.ts";
import { IMPORT_LINE_CHARACTERS_MAX } from "../limits.ts";
import { CsvTable } from "./csv.ts";
import { type Row, toFacts, wrong } from "./row.ts";

export type ImportFormat = "csv" | "jsonl";

export function formatFromName(file: string): ImportFormat {
  if (/\.csv$/i.test(file)) return "csv";
  if (/\.(jsonl|ndjson)$/i.test(file)) return "jsonl";
  throw new FleetError("ERR_FLEET_IMPORT_FORMAT", `"${file}" ends neither in .csv nor in .jsonl`);
}

/** Throws ERR_FLEET_IMPORT_COLUMN or ERR_FLEET_IMPORT_ROW with the line's number (from 1). Empty lines are skipped. */
export function* readDevices(text: string, format: ImportFormat, tenant?: string): Iterable<DeviceFacts> {
  const reader = new DeviceReader(format, tenant);
  for (const [index, line] of text.split("\n").entries()) {
    const facts = reader.read(line, index + 1);
    if (facts !== undefined) yield facts;
  }
}

/** One file, line by line. The first line of a CSV file that is not empty is its header. */
export class DeviceReader {
  readonly #format: ImportFormat;
  readonly #tenant: string | undefined;
  #table: CsvTable | undefined;

  /** With a tenant, another's devices are refused. */
  constructor(format: ImportFormat, tenant?: string) {
    this.#format = format;
    this.#tenant = tenant;
  }

  /** Nothing for an empty line and for the header. Throws ERR_FLEET_IMPORT_COLUMN or ERR_FLEET_IMPORT_ROW. */
  read(text: string, line: number): DeviceFacts | undefined {
    if (text.length > IMPORT_LINE_CHARACTERS_MAX)
      throw wrong(line, `it has ${text.length} characters; ${IMPORT_LINE_CHARACTERS_MAX} are allowed`);
    if (text.trim() === "") return undefined;
    const row = this.#format === "csv" ? this.#csv(text.endsWith("\r") ? text.slice(0, -1) : text, line) : parseLine(text, line);
    const facts = row && toFacts(row, line);
    if (facts !== undefined && this.#tenant !== undefined && facts.tenant !== this.#tenant)
      throw wrong(line, `it is a device of "${facts.tenant}", and this is the fleet of "${this.#tenant}"`);
    return facts;
  }

  #csv(text: string, line: number): Row | undefined {
    if (this.#table !== undefined) return this.#table.row(text, line);
    this.#table = new CsvTable(text, line);
    return undefined;
  }
}

function parseLine(text: string, line: number): Row {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Row;
  } catch (cause) {
    throw wrong(line, `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  throw wrong(line, "it is not a JSON object");
}
