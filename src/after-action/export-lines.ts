/**
 * A campaign's case as lines of text, to be kept and judged again anywhere, offline, without a server: campaign, orders, ledger,
 * devices and evidence (docs/operate/after-action.md). What is read back is checked for its shape here; whoever reads it also verifies the
 * ledger's chain, and the cohort against the signed permit. Pure.
 */
import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { HOUSEKEEPING_STATES } from "../openc2/profiles/x-iot/model.ts";
import { UPDATE_STATES } from "../openc2/profiles/x-swup/model.ts";
import type { CaseOrder } from "./case-file.ts";
import { AfterActionError } from "./errors.ts";

export const EXPORT_SCHEMA = "edict.export/1";

/** Each is a file of the export: JSON lines. `cohort` is one: the exact bytes whose digest stands in the permit, in base64. */
export const EXPORT_PARTS = ["campaign", "cohort", "orders", "ledger", "devices", "evidence"] as const;
export type ExportPart = (typeof EXPORT_PARTS)[number];

const ordinal = z.int().min(0).max(0xffff_ffff);
const software = z.looseObject({
  vendor: z.string(),
  name: z.string(),
  version: z.string(),
  hashes: z.looseObject({ sha256: z.string().optional() }).optional(),
});
const lastUpdate = z.looseObject({
  command_id: z.string(),
  new_version: z.string(),
  state: z.enum(UPDATE_STATES),
  error: z.string().optional(),
});
const lastCommand = z.looseObject({
  command_id: z.string(),
  action: z.enum(["stop", "restart"]),
  state: z.enum(HOUSEKEEPING_STATES),
  error: z.string().optional(),
});
const observed = { ordinal, atMs: z.number() };
const evidenceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...observed, kind: z.literal("sent"), commandId: z.string() }),
  z.strictObject({ ...observed, kind: z.literal("connected") }),
  z.strictObject({ ...observed, kind: z.literal("disconnected"), reason: z.string() }),
  z.strictObject({ ...observed, kind: z.literal("refused"), reason: z.string() }),
  z.strictObject({
    ...observed,
    kind: z.literal("check-in"),
    boot: z.int(),
    software,
    lastUpdate: lastUpdate.optional(),
    lastCommand: lastCommand.optional(),
    statement: z.string().optional(),
  }),
  z.strictObject({
    ...observed,
    kind: z.literal("response"),
    requestId: z.string(),
    status: z.int(),
    software: software.optional(),
    lastUpdate: lastUpdate.optional(),
    lastCommand: lastCommand.optional(),
    processes: z.int().min(0).optional(),
  }),
  z.strictObject({
    ...observed,
    kind: z.literal("download"),
    sha256: z.string(),
    bytes: z.number(),
    complete: z.boolean(),
    makes: z.string().optional(),
  }),
  z.strictObject({ ...observed, kind: z.literal("unasked"), commandId: z.string(), bytes: z.number() }),
]);
const deviceSchema = z.looseObject({
  ordinal,
  id: z.string(),
  vendor: z.string(),
  name: z.string(),
  version: z.string(),
  region: z.string(),
});
const orderSchema = z.looseObject({ atMs: z.number(), sent: z.int().min(0), wave: z.int().min(0).optional() });
/** What a report is made of; the permit's own members are held against the signed one by whoever reads it. */
const campaignSchema = z.looseObject({
  id: z.string(),
  tenant: z.string(),
  state: z.string().regex(/^[a-z]+$/),
  createdMs: z.number(),
  author: z.string(),
  command: z.looseObject({ action: z.string(), target: z.looseObject({}), command_id: z.string().optional() }),
  request: z.looseObject({ newVersion: z.string().optional(), oldVersion: z.string().optional(), query: z.string().optional() }),
  waves: z.array(z.looseObject({ index: z.int(), count: z.int().min(0), isJoined: z.literal(true).optional() })),
  targeted: z.int().min(0),
  permit: z.looseObject({
    cohort_sha256: z.string(),
    count_max: z.number(),
    newcomers: z.looseObject({ count_max: z.number(), criteria: z.looseObject({ vendor: z.string(), name: z.string() }) }).optional(),
    rate_max_per_second: z.number(),
    not_before: z.number(),
    not_after: z.number(),
    halt: z.looseObject({ failed_share_max: z.number(), missing_share_max: z.number() }),
  }),
  commandIds: z.looseObject({ canary: z.string(), mass: z.string(), query: z.string() }),
  signed: z.looseObject({ permit: z.string() }),
  signedBy: z.array(z.string()).optional(),
  reason: z.string().optional(),
});
const cohortSchema = z.strictObject({ base64: z.base64() });
const manifestSchema = z.strictObject({
  schema: z.literal(EXPORT_SCHEMA),
  campaignId: z.string(),
  /** A report from the export is as of this moment unless it is asked for another. ms since the epoch */
  exportedMs: z.number(),
  files: z.record(z.enum(EXPORT_PARTS), z.strictObject({ sha256: z.string(), bytes: z.int().min(0) })),
});
/** What was written, and when. */
export type ExportManifest = z.infer<typeof manifestSchema>;

export function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Throws ERR_AFTER_ACTION_EXPORT, as do the others. */
export const evidenceOf = (line: string, number: number): Evidence => read(evidenceSchema, line, `line ${number} of evidence`) as Evidence;
export const deviceOf = (line: string, number: number): Device => read(deviceSchema, line, `line ${number} of devices`) as Device;
export const orderOf = (line: string, number: number): CaseOrder => read(orderSchema, line, `line ${number} of orders`) as CaseOrder;
export const campaignOf = (line: string): Campaign => read(campaignSchema, line, "the campaign") as Campaign;
export const cohortOf = (line: string): Uint8Array =>
  Uint8Array.fromBase64((read(cohortSchema, line, "the cohort") as z.infer<typeof cohortSchema>).base64);

export const manifestOf = (text: string): ExportManifest => read(manifestSchema, text, "the export's list") as ExportManifest;

function read(schema: z.ZodType, line: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AfterActionError("ERR_AFTER_ACTION_EXPORT", `${what} is not JSON`, { cause });
  }
  const result = schema.safeParse(value);
  // As it was written: a schema puts members into an order of its own, and the report shows the command as it was sent.
  if (result.success) return value;
  const [issue] = result.error.issues;
  throw new AfterActionError("ERR_AFTER_ACTION_EXPORT", `${what}: ${["$", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? ""}`);
}
