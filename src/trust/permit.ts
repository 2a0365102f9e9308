/**
 * The permit: the signed licence to send one campaign. A gateway sends nothing without one, counts it down, and holds
 * every order against it. It binds the bytes of the commands and of the cohort, so neither can be widened afterwards.
 */
export interface Permit {
  readonly campaign_id: string;
  readonly tenant: string;
  /** SHA-256 (lower-case hex) of the payload (the OpenC2 message bytes) of each command that this campaign may send. */
  readonly commands: readonly string[];
  /** SHA-256 (lower-case hex) of the portable serialisation of the cohort's roaring bitmap. */
  readonly cohort_sha256: string;
  /** Most devices of the cohort that may ever be sent to. */
  readonly count_max: number;
  /** Those of them that are sent to last of all, to compare the others with until then. Absent when nobody is held back. */
  readonly control_count?: number;
  /** Devices that may be sent to besides the cohort, because they appear later. Absent when none may. */
  readonly newcomers?: Newcomers;
  /** Most commands a second, all gateways together. */
  readonly rate_max_per_second: number;
  /** ms since the epoch. */
  readonly not_before: number;
  readonly not_after: number;
  readonly halt: HaltRules;
}

export interface Newcomers {
  /** Most devices outside the cohort that may ever be sent to. */
  readonly count_max: number;
  /** Which: for the manager to keep to, because gateways know no facts about devices (ADR 47). */
  readonly criteria: Criteria;
}

/** The request that the cohort was selected by. */
export interface Criteria {
  readonly vendor: string;
  readonly name: string;
  readonly new_version: string;
  readonly old_version?: string;
  /** RSQL, besides vendor, name and version. */
  readonly query?: string;
  /** Legal basis on which opt-outs are overridden; absent respects them. */
  readonly opt_out_basis?: string;
}

export interface HaltRules {
  /** Share of a wave that may fail or roll back (0..1) before the campaign halts. */
  readonly failed_share_max: number;
  /** Share of a wave that may have gone away without coming back (0..1) before the campaign halts. */
  readonly missing_share_max: number;
}

/** A stop or a resume of one campaign. */
export interface Hold {
  readonly campaign_id: string;
  /** ms since the epoch */
  readonly at_ms: number;
  readonly reason: string;
}

/** Devices that are refused whatever their certificate says. A higher version replaces a lower one. */
export interface DenyList {
  readonly version: number;
  readonly created_ms: number;
  readonly devices: readonly string[];
  /** Devices whose quarantine this list lifts: a person has found out which of two that used one identity is genuine. */
  readonly released?: readonly string[];
}

/** The head of the ledger as one person has seen it: from then on nobody can take away what came before. */
export interface Checkpoint {
  readonly seq: number;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
  /** ms since the epoch */
  readonly at_ms: number;
}

const encoder = new TextEncoder();

/** The exact bytes that are signed. Pure: the same permit always gives the same bytes. */
export function permitPayload(permit: Permit): Uint8Array {
  const { campaign_id, tenant, commands, cohort_sha256, count_max, control_count, newcomers, ...terms } = permit;
  const { rate_max_per_second, not_before, not_after, halt } = terms;
  const { failed_share_max, missing_share_max } = halt;
  return toBytes({
    campaign_id,
    tenant,
    commands,
    cohort_sha256,
    count_max,
    ...(control_count !== undefined && { control_count }),
    ...(newcomers !== undefined && { newcomers: { count_max: newcomers.count_max, criteria: ordered(newcomers.criteria) } }),
    rate_max_per_second,
    not_before,
    not_after,
    halt: { failed_share_max, missing_share_max },
  });
}

/** JSON leaves out what is undefined. */
function ordered({ vendor, name, new_version, old_version, query, opt_out_basis }: Criteria): object {
  return { vendor, name, new_version, old_version, query, opt_out_basis };
}

/** The exact bytes that are signed. */
export function holdPayload({ campaign_id, at_ms, reason }: Hold): Uint8Array {
  return toBytes({ campaign_id, at_ms, reason });
}

/** The exact bytes that are signed. */
export function denyListPayload({ version, created_ms, devices, released }: DenyList): Uint8Array {
  return toBytes({ version, created_ms, devices, ...(released && { released }) });
}

/** The exact bytes that are signed. */
export function checkpointPayload({ seq, hash, at_ms }: Checkpoint): Uint8Array {
  return toBytes({ seq, hash, at_ms });
}

function toBytes(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
