/** Permits, stops, resumes, deny lists and checkpoints, believed only when enough people signed them. Pure. */
import { readJson } from "../../openc2/index.ts";
import { checkNotExpired, type Director } from "../director.ts";
import { TrustError } from "../errors.ts";
import { STATEMENT_BYTES_MAX } from "../limits.ts";
import type { Checkpoint, Criteria, DenyList, HaltRules, Hold, Newcomers, Permit } from "../permit.ts";
import { Reader } from "../reader.ts";
import { verifyStatement } from "./jws.ts";

/** Criteria that may be left out. */
const NARROWER = ["old_version", "query", "opt_out_basis"] as const satisfies readonly (keyof Criteria)[];

declare const verified: unique symbol;
export type VerifiedPermit = Permit & { readonly [verified]: true };

/** Throws the codes of verifyStatement, then ERR_TRUST_DIRECTOR_EXPIRED, ERR_TRUST_PAYLOAD, ERR_TRUST_NOT_YET, ERR_TRUST_EXPIRED. */
export async function verifyPermit(
  jws: Uint8Array,
  { director, nowMs }: { readonly director: Director; readonly nowMs: number },
): Promise<VerifiedPermit> {
  const { payload } = await verifyStatement(jws, { director, statement: "permit" });
  checkNotExpired(director, "director", nowMs);
  const permit = readPermit(readerOf(payload, "permit"));
  if (nowMs < permit.not_before) throw new TrustError("ERR_TRUST_NOT_YET", `the permit begins at ${permit.not_before}, it is ${nowMs}`);
  if (nowMs >= permit.not_after) throw new TrustError("ERR_TRUST_EXPIRED", `the permit ended at ${permit.not_after}, it is ${nowMs}`);
  return Object.freeze(permit) as VerifiedPermit;
}

export async function verifyHold(
  jws: Uint8Array,
  { director, kind }: { readonly director: Director; readonly kind: "stop" | "resume" },
): Promise<Hold & { readonly persons: readonly string[] }> {
  const { payload, persons } = await verifyStatement(jws, { director, statement: kind });
  const reader = readerOf(payload, kind);
  return { campaign_id: reader.text("campaign_id"), at_ms: reader.number("at_ms"), reason: reader.text("reason"), persons };
}

export async function verifyDenyList(
  jws: Uint8Array,
  { director }: { readonly director: Director },
): Promise<DenyList & { readonly persons: readonly string[] }> {
  const { payload, persons } = await verifyStatement(jws, { director, statement: "deny-list" });
  const reader = readerOf(payload, "deny list");
  return {
    version: reader.number("version"),
    created_ms: reader.number("created_ms"),
    devices: reader.texts("devices"),
    ...(reader.has("released") && { released: reader.texts("released") }),
    persons,
  };
}

export async function verifyCheckpoint(
  jws: Uint8Array,
  { director }: { readonly director: Director },
): Promise<Checkpoint & { readonly persons: readonly string[] }> {
  const { payload, persons } = await verifyStatement(jws, { director, statement: "checkpoint" });
  const reader = readerOf(payload, "checkpoint");
  return { seq: reader.count("seq"), hash: reader.text("hash"), at_ms: reader.number("at_ms"), persons };
}

function readPermit(reader: Reader): Permit {
  const halt = reader.reader("halt");
  return {
    campaign_id: reader.text("campaign_id"),
    tenant: reader.text("tenant"),
    commands: reader.texts("commands"),
    cohort_sha256: reader.text("cohort_sha256"),
    count_max: reader.number("count_max"),
    ...(reader.has("control_count") && { control_count: reader.count("control_count") }),
    ...(reader.has("newcomers") && { newcomers: readNewcomers(reader.reader("newcomers")) }),
    rate_max_per_second: reader.number("rate_max_per_second"),
    not_before: reader.number("not_before"),
    not_after: reader.number("not_after"),
    halt: { failed_share_max: share(halt, "failed_share_max"), missing_share_max: share(halt, "missing_share_max") },
  };
}

/** A criterion that is not known here would not be kept to, so that more devices matched than people meant: refused. */
function readNewcomers(reader: Reader): Newcomers {
  reader.only(["count_max", "criteria"]);
  const criteria = reader.reader("criteria");
  criteria.only(["vendor", "name", "new_version", ...NARROWER]);
  const narrower = NARROWER.filter((member) => criteria.has(member)).map((member) => [member, criteria.name(member)]);
  const model = { vendor: criteria.name("vendor"), name: criteria.name("name"), new_version: criteria.name("new_version") };
  return { count_max: reader.count("count_max"), criteria: { ...model, ...Object.fromEntries(narrower) } };
}

function share(halt: Reader, name: keyof HaltRules): number {
  const value = halt.number(name);
  if (value > 1) throw new TrustError("ERR_TRUST_PAYLOAD", `halt.${name} is not a share from 0 to 1`);
  return value;
}

function readerOf(payload: Uint8Array, what: string): Reader {
  const value = readJson(payload, { bytesMax: STATEMENT_BYTES_MAX, membersMax: Number.MAX_SAFE_INTEGER });
  return new Reader(value, what, "ERR_TRUST_PAYLOAD");
}
