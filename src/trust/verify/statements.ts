/** Permits, stops, resumes and deny lists, believed only when enough people signed them. Pure. */
import { type JsonObject, type JsonValue, readJson } from "../../openc2/index.ts";
import type { Director } from "../director.ts";
import { TrustError } from "../errors.ts";
import { STATEMENT_BYTES_MAX } from "../limits.ts";
import type { DenyList, HaltRules, Hold, Permit } from "../permit.ts";
import { verifyStatement } from "./jws.ts";

declare const verified: unique symbol;
export type VerifiedPermit = Permit & { readonly [verified]: true };

/** Throws the codes of verifyStatement, then ERR_TRUST_PAYLOAD, ERR_TRUST_NOT_YET, ERR_TRUST_EXPIRED. */
export async function verifyPermit(
  jws: Uint8Array,
  { director, nowMs }: { readonly director: Director; readonly nowMs: number },
): Promise<VerifiedPermit> {
  const { payload } = await verifyStatement(jws, { director, statement: "permit" });
  const permit = readPermit(new Reader(payload, "permit"));
  if (nowMs < permit.not_before) throw new TrustError("ERR_TRUST_NOT_YET", `the permit begins at ${permit.not_before}, it is ${nowMs}`);
  if (nowMs >= permit.not_after) throw new TrustError("ERR_TRUST_EXPIRED", `the permit ended at ${permit.not_after}, it is ${nowMs}`);
  return Object.freeze(permit) as VerifiedPermit;
}

export async function verifyHold(
  jws: Uint8Array,
  { director, kind }: { readonly director: Director; readonly kind: "stop" | "resume" },
): Promise<Hold & { readonly persons: readonly string[] }> {
  const { payload, persons } = await verifyStatement(jws, { director, statement: kind });
  const reader = new Reader(payload, kind);
  return { campaign_id: reader.text("campaign_id"), at_ms: reader.number("at_ms"), reason: reader.text("reason"), persons };
}

export async function verifyDenyList(
  jws: Uint8Array,
  { director }: { readonly director: Director },
): Promise<DenyList & { readonly persons: readonly string[] }> {
  const { payload, persons } = await verifyStatement(jws, { director, statement: "deny-list" });
  const reader = new Reader(payload, "deny list");
  return {
    version: reader.number("version"),
    created_ms: reader.number("created_ms"),
    devices: reader.texts("devices"),
    ...(reader.has("released") && { released: reader.texts("released") }),
    persons,
  };
}

function readPermit(reader: Reader): Permit {
  const halt = reader.object("halt");
  return {
    campaign_id: reader.text("campaign_id"),
    tenant: reader.text("tenant"),
    commands: reader.texts("commands"),
    cohort_sha256: reader.text("cohort_sha256"),
    count_max: reader.number("count_max"),
    rate_max_per_second: reader.number("rate_max_per_second"),
    not_before: reader.number("not_before"),
    not_after: reader.number("not_after"),
    halt: { failed_share_max: share(halt, "failed_share_max"), missing_share_max: share(halt, "missing_share_max") },
  };
}

function share(halt: JsonObject, name: keyof HaltRules): number {
  const value = halt[name];
  if (typeof value !== "number" || value < 0 || value > 1)
    throw new TrustError("ERR_TRUST_PAYLOAD", `halt.${name} is not a share from 0 to 1`);
  return value;
}

/** Reads members of one object and says which one is wrong. */
class Reader {
  readonly #value: JsonObject;
  readonly #what: string;

  constructor(payload: Uint8Array, what: string) {
    this.#what = what;
    const value = readJson(payload, { bytesMax: STATEMENT_BYTES_MAX, membersMax: Number.MAX_SAFE_INTEGER });
    if (!isObject(value)) throw new TrustError("ERR_TRUST_PAYLOAD", `the ${what} is not an object`);
    this.#value = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#value, name);
  }

  text(name: string): string {
    const value = this.#value[name];
    return typeof value === "string" ? value : this.#refuse(name, "a string");
  }

  number(name: string): number {
    const value = this.#value[name];
    return typeof value === "number" && value >= 0 ? value : this.#refuse(name, "a number from 0");
  }

  texts(name: string): readonly string[] {
    const value = this.#value[name];
    const isTexts = Array.isArray(value) && value.every((item) => typeof item === "string");
    return isTexts ? (value as string[]) : this.#refuse(name, "a list of strings");
  }

  object(name: string): JsonObject {
    const value = this.#value[name];
    return value !== undefined && isObject(value) ? value : this.#refuse(name, "an object");
  }

  #refuse(name: string, wanted: string): never {
    throw new TrustError("ERR_TRUST_PAYLOAD", `${name} of the ${this.#what} is not ${wanted}`);
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
