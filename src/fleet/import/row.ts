/** One row of an import, checked fact by fact. Pure. Text that could act on a terminal, a page or a query is refused here. */
import type { Component, DeviceFacts } from "../device.ts";
import { FleetError } from "../errors.ts";
import { COMPONENTS_MAX, FACT_CHARACTERS_MAX, TAG_CHARACTERS_MAX, TAGS_MAX } from "../limits.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Every column of an import. Those before `counter` are needed. */
export const COLUMNS = [
  "id",
  "tenant",
  "vendor",
  "name",
  "version",
  "hardware",
  "region",
  "counter",
  "sha256",
  "components",
  "timeZone",
  "tags",
  "subscribed",
  "optedOut",
  "postponedUntil",
] as const;
const KNOWN: ReadonlySet<string> = new Set(COLUMNS);

const YES = ["true", "yes", "1"];
const NO = ["false", "no", "0", ""];
/** Control characters; and what turns the direction of text around, so that it reads as something else (Unicode TR 36). */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/** Whatever RSQL reserves would need quotes in every query. */
const TAG = /^[^\s,;()'"=<>!~*]+$/;
const ISO_CHARACTERS = "2026-12-24T18:00:00.000Z".length;
const SHA256 = /^[0-9a-f]{64}$/i;

/** Throws ERR_FLEET_IMPORT_COLUMN or ERR_FLEET_IMPORT_ROW, which name the line (from 1). */
export function toFacts(row: Row, line: number): DeviceFacts {
  checkColumns(Object.keys(row), line);
  const id = textOf(row["id"], "id", line);
  if (!/^urn:dev:\S+$/.test(id)) throw wrong(line, `id "${id}" is no urn:dev: identity (RFC 9039)`);
  return {
    id,
    tenant: textOf(row["tenant"], "tenant", line),
    vendor: textOf(row["vendor"], "vendor", line),
    name: textOf(row["name"], "name", line),
    version: textOf(row["version"], "version", line),
    hardware: textOf(row["hardware"], "hardware", line),
    region: textOf(row["region"], "region", line),
    ...optional(row, line),
    // Without a word on consent there is none.
    subscribed: flagOf(row["subscribed"], "subscribed", line),
    optedOut: flagOf(row["optedOut"], "optedOut", line),
  };
}

export function checkColumns(names: readonly string[], line: number): void {
  for (const name of names) {
    if (KNOWN.has(name)) continue;
    throw new FleetError("ERR_FLEET_IMPORT_COLUMN", `line ${line}: there is no fact "${name}"; there are ${COLUMNS.join(", ")}`);
  }
}

export function wrong(line: number, why: string): FleetError {
  return new FleetError("ERR_FLEET_IMPORT_ROW", `line ${line}: ${why}`);
}

function optional(row: Row, line: number): Partial<DeviceFacts> {
  const counter = isGiven(row["counter"]) ? counterOf(row["counter"], line) : undefined;
  const sha256 = isGiven(row["sha256"]) ? digestOf(row["sha256"], line) : undefined;
  const components = isGiven(row["components"]) ? componentsOf(row["components"], line) : [];
  const timeZone = isGiven(row["timeZone"]) ? timeZoneOf(textOf(row["timeZone"], "timeZone", line), line) : undefined;
  const tags = isGiven(row["tags"]) ? tagsOf(row["tags"], line) : [];
  const postponedUntilMs = isGiven(row["postponedUntil"]) ? timeOf(row["postponedUntil"], line) : undefined;
  return {
    ...(counter !== undefined && { counter }),
    ...(sha256 !== undefined && { sha256 }),
    ...(components.length > 0 && { components }),
    ...(timeZone !== undefined && { timeZone }),
    ...(tags.length > 0 && { tags }),
    ...(postponedUntilMs !== undefined && { postponedUntilMs }),
  };
}

/** An empty cell of a CSV file says nothing. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function textOf(value: unknown, name: string, line: number): string {
  if (typeof value !== "string" || value === "" || value.length > FACT_CHARACTERS_MAX)
    throw wrong(line, `${name} is not a text of 1 to ${FACT_CHARACTERS_MAX} characters`);
  if (UNPRINTABLE.test(value)) throw wrong(line, `${name} holds a character that cannot be seen`);
  return value;
}

/** Without what separates components and versions in a cell and in a query. */
function wordOf(value: unknown, name: string, line: number): string {
  const text = textOf(value, name, line);
  if (/[\s/]/.test(text)) throw wrong(line, `${name} holds a blank or a slash`);
  return text;
}

function flagOf(value: unknown, name: string, line: number): boolean {
  if (typeof value === "boolean") return value;
  const word = String(value ?? "").toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw wrong(line, `${name} is "${word}", not true or false`);
}

function counterOf(value: unknown, line: number): number {
  const counter = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof counter !== "number" || !Number.isSafeInteger(counter) || counter < 0) throw wrong(line, "counter is not a whole number");
  return counter;
}

function digestOf(value: unknown, line: number): string {
  if (typeof value !== "string" || !SHA256.test(value)) throw wrong(line, "sha256 is not 64 digits of Base16");
  return value.toLowerCase();
}

/** RFC 3339. A time without its offset would mean another moment on another machine. */
function timeOf(value: unknown, line: number): number {
  const isTime = typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value);
  const ms = isTime ? Date.parse(value) : Number.NaN;
  // At either end of the calendar an offset can lead out of the years of four digits, in which an export writes.
  if (Number.isNaN(ms) || new Date(ms).toISOString().length > ISO_CHARACTERS)
    throw wrong(line, "postponedUntil is no time with its offset, like 2026-12-24T18:00:00Z");
  return ms;
}

const zones = new Set<string>();

function timeZoneOf(name: string, line: number): string {
  if (zones.has(name)) return name;
  try {
    // What the runtime knows is what a maintenance window can be computed in.
    Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    throw wrong(line, `timeZone "${name}" is no IANA name, like Europe/Amsterdam`);
  }
  zones.add(name);
  return name;
}

/** A list in JSON lines, words with blanks between them in CSV. */
function tagsOf(value: unknown, line: number): readonly string[] {
  const tags = typeof value === "string" ? value.split(" ").filter((word) => word !== "") : value;
  if (!Array.isArray(tags) || tags.length > TAGS_MAX) throw wrong(line, `tags is no list of at most ${TAGS_MAX}`);
  for (const tag of tags) {
    if (typeof tag !== "string" || tag.length > TAG_CHARACTERS_MAX || !TAG.test(tag) || UNPRINTABLE.test(tag))
      throw wrong(line, `tag ${JSON.stringify(tag)} is no word of at most ${TAG_CHARACTERS_MAX} characters that a query could name`);
  }
  return [...new Set<string>(tags)];
}

/** A list of objects in JSON lines, `name/version` with blanks between them in CSV. */
function componentsOf(value: unknown, line: number): readonly Component[] {
  const list =
    typeof value === "string"
      ? value
          .split(" ")
          .filter((word) => word !== "")
          .map(splitComponent)
      : value;
  if (!Array.isArray(list) || list.length > COMPONENTS_MAX) throw wrong(line, `components is no list of at most ${COMPONENTS_MAX}`);
  const components = list.map((item) => componentOf(item, line));
  if (new Set(components.map(({ name }) => name)).size < components.length) throw wrong(line, "a component stands twice");
  return components;
}

function splitComponent(word: string): Row {
  const at = word.lastIndexOf("/");
  return { name: word.slice(0, Math.max(0, at)), version: word.slice(at + 1) };
}

function componentOf(item: unknown, line: number): Component {
  if (item === null || typeof item !== "object" || Array.isArray(item)) throw wrong(line, "a component is no object");
  const { name, version, counter, sha256, ...others } = item as Row;
  const [other] = Object.keys(others);
  if (other !== undefined) throw wrong(line, `a component has no "${other}"; it has name, version, counter and sha256`);
  return {
    name: wordOf(name, "a component's name", line),
    version: wordOf(version, "a component's version", line),
    ...(isGiven(counter) && { counter: counterOf(counter, line) }),
    ...(isGiven(sha256) && { sha256: digestOf(sha256, line) }),
  };
}
