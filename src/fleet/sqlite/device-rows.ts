/** Devices as rows: from facts to columns and back. */
import type { SQLQueryBindings } from "bun:sqlite";
import type { Device, DeviceFacts, Provenance, Said } from "../device.ts";

export interface DeviceRow {
  readonly ordinal: number;
  readonly id: string;
  readonly tenant: string;
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly hardware: string;
  readonly region: string;
  readonly subscribed: number;
  readonly opted_out: number;
  readonly counter: number | null;
  readonly sha256: string | null;
  readonly components: string | null;
  readonly time_zone: string | null;
  readonly tags: string | null;
  readonly postponed_until_ms: number | null;
  readonly said_by: string | null;
  readonly said_at_ms: number;
  readonly software_by: string | null;
  readonly software_at_ms: number;
}

const FACTS = [
  "tenant",
  "vendor",
  "name",
  "version",
  "hardware",
  "region",
  "subscribed",
  "opted_out",
  "counter",
  "sha256",
  "components",
  "time_zone",
  "tags",
  "postponed_until_ms",
  "said_by",
  "said_at_ms",
  "software_by",
  "software_at_ms",
] as const;

/** Bound: ordinal, id, then `factColumns`. Changes nothing when the id is known. */
export const INSERT_DEVICE = `INSERT INTO device (ordinal, id, ${FACTS.join(", ")}) VALUES (?, ?, ${FACTS.map(() => "?").join(", ")})
  ON CONFLICT (id) DO NOTHING`;

/** Bound: `factColumns`, then the ordinal. */
export const UPDATE_DEVICE = `UPDATE device SET ${FACTS.map((name) => `${name} = ?`).join(", ")} WHERE ordinal = ?`;

/** What the import says of a device's software holds until the device itself says otherwise. */
export function factColumns(facts: DeviceFacts, said: Said): SQLQueryBindings[] {
  const by = textOf(said);
  return [
    facts.tenant,
    facts.vendor,
    facts.name,
    facts.version,
    facts.hardware,
    facts.region,
    facts.subscribed ? 1 : 0,
    facts.optedOut ? 1 : 0,
    facts.counter ?? null,
    facts.sha256 ?? null,
    facts.components === undefined ? null : JSON.stringify(facts.components),
    facts.timeZone ?? null,
    facts.tags === undefined ? null : JSON.stringify(facts.tags),
    facts.postponedUntilMs ?? null,
    by,
    said.atMs,
    by,
    said.atMs,
  ];
}

export function toDevice(row: DeviceRow): Device {
  const { ordinal, id, tenant, vendor, name, version, hardware, region, counter, sha256, components, tags } = row;
  return {
    ordinal,
    id,
    tenant,
    vendor,
    name,
    version,
    hardware,
    region,
    subscribed: row.subscribed === 1,
    optedOut: row.opted_out === 1,
    ...(counter !== null && { counter }),
    ...(sha256 !== null && { sha256 }),
    ...(components !== null && { components: JSON.parse(components) }),
    ...(row.time_zone !== null && { timeZone: row.time_zone }),
    ...(tags !== null && { tags: JSON.parse(tags) }),
    ...(row.postponed_until_ms !== null && { postponedUntilMs: row.postponed_until_ms }),
  };
}

export function provenanceOf(row: DeviceRow): Provenance {
  return { software: toSaid(row.software_by, row.software_at_ms), others: toSaid(row.said_by, row.said_at_ms) };
}

function textOf({ source, who }: Said): string {
  return who === undefined ? source : `${source} ${who}`;
}

function toSaid(text: string | null, atMs: number): Said {
  const [source = "", ...who] = (text ?? "unknown").split(" ");
  if (source !== "import" && source !== "check-in") return { source: "unknown", atMs };
  return { source, ...(who.length > 0 && { who: who.join(" ") }), atMs };
}
