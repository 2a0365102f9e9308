/**
 * Reads devices from CSV (RFC 4180, with a header) or JSON lines. All or nothing: the first line that is wrong is named with
 * its field, so that a half-read file never becomes a half-known fleet. Pure.
 */
import type { DeviceFacts } from "./device.ts";
import { FleetError } from "./errors.ts";
import { FACT_CHARACTERS_MAX, IMPORT_LINE_CHARACTERS_MAX } from "./limits.ts";

export type ImportFormat = "csv" | "jsonl";

const TEXTS = ["id", "tenant", "vendor", "name", "version", "hardware", "region"] as const;
const FLAGS = ["subscribed", "optedOut"] as const;
const KNOWN: readonly string[] = [...TEXTS, ...FLAGS];
const YES = ["true", "yes", "1"];
const NO = ["false", "no", "0", ""];

export function formatFromName(file: string): ImportFormat {
  if (/\.csv$/i.test(file)) return "csv";
  if (/\.(jsonl|ndjson)$/i.test(file)) return "jsonl";
  throw new FleetError("ERR_FLEET_IMPORT_FORMAT", `"${file}" ends neither in .csv nor in .jsonl`);
}

/**
 * Devices of this tenant. Throws ERR_FLEET_IMPORT_COLUMN or ERR_FLEET_IMPORT_ROW with the line's number (from 1), also for a device of
 * another one. Empty lines are skipped.
 */
export function* readDevices(text: string, format: ImportFormat, tenant: string): Iterable<DeviceFacts> {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "");
  const header = format === "csv" ? checkHeader(splitCsv(lines.shift() ?? { line: "", number: 1 })) : [];
  for (const at of lines) {
    if (at.line.length > IMPORT_LINE_CHARACTERS_MAX) throw wrong(at.number, `it has ${at.line.length} characters`);
    const facts = toFacts(format === "csv" ? zip(header, splitCsv(at), at.number) : parseLine(at.line, at.number), at.number);
    if (facts.tenant !== tenant) throw wrong(at.number, `it is a device of "${facts.tenant}", and this is the fleet of "${tenant}"`);
    yield facts;
  }
}

function toFacts(row: Readonly<Record<string, unknown>>, number: number): DeviceFacts {
  for (const name of Object.keys(row)) {
    if (!KNOWN.includes(name))
      throw new FleetError("ERR_FLEET_IMPORT_COLUMN", `line ${number}: there is no fact "${name}"; there are ${KNOWN.join(", ")}`);
  }
  const texts = Object.fromEntries(TEXTS.map((name) => [name, textOf(row[name], name, number)]));
  // Without a word on consent there is none.
  const flags = Object.fromEntries(FLAGS.map((name) => [name, flagOf(row[name], name, number)]));
  if (!/^urn:dev:\S+$/.test(texts["id"] ?? "")) throw wrong(number, `id "${texts["id"]}" is no urn:dev: identity (RFC 9039)`);
  return { ...texts, ...flags } as Record<string, unknown> & DeviceFacts;
}

function textOf(value: unknown, name: string, number: number): string {
  if (typeof value !== "string" || value === "" || value.length > FACT_CHARACTERS_MAX) {
    throw wrong(number, `${name} is not a text of 1 to ${FACT_CHARACTERS_MAX} characters`);
  }
  return value;
}

function flagOf(value: unknown, name: string, number: number): boolean {
  const word = String(value ?? "").toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw wrong(number, `${name} is "${word}", not true or false`);
}

function parseLine(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw wrong(number, `it is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  throw wrong(number, "it is not a JSON object");
}

function checkHeader(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0)
    throw new FleetError("ERR_FLEET_IMPORT_COLUMN", `there is no fact "${unknown.join('", "')}"; there are ${KNOWN.join(", ")}`);
  if (new Set(names).size !== names.length) throw new FleetError("ERR_FLEET_IMPORT_COLUMN", "a column stands twice");
  return names;
}

function zip(header: readonly string[], fields: readonly string[], number: number): Record<string, unknown> {
  if (fields.length !== header.length) throw wrong(number, `it has ${fields.length} fields, the header has ${header.length}`);
  return Object.fromEntries(header.map((name, index) => [name, fields[index]]));
}

/** RFC 4180 within one line: no fact holds a line break. */
function splitCsv({ line, number }: { readonly line: string; readonly number: number }): readonly string[] {
  const fields: string[] = [];
  // Every match takes the comma behind the field or ends the line: none is empty twice at one place.
  const pattern = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/gy;
  for (;;) {
    const start = pattern.lastIndex;
    const match = pattern.exec(line);
    if (match === null) throw wrong(number, `its quoting breaks at column ${start + 1}`);
    fields.push(match[1]?.replaceAll('""', '"') ?? (match[2] ?? "").trim());
    if (match[3] === "") return fields;
  }
}

function wrong(number: number, why: string): FleetError {
  return new FleetError("ERR_FLEET_IMPORT_ROW", `line ${number}: ${why}`);
}
