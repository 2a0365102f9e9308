/** The next campaign, for those still exposed: its cohort query and its command, ready to be drafted. Pure. */
import { SOFTWARE_TARGET, type Software } from "../openc2/profiles/x-swup/model.ts";
import { FOLLOW_UP_ID_CHARACTERS_MAX } from "./limits.ts";
import type { Report } from "./report-model.ts";

/**
 * RSQL: the ids themselves while they are few, else the same query again, less those on the new version. Drafted with the same vendor and
 * model; a device patched in the meantime is left out by the selection itself.
 */
export function followUpQuery(
  exposedCount: number,
  ids: readonly string[] | undefined,
  newVersion: string,
  query?: string,
): string | undefined {
  if (exposedCount === 0) return undefined;
  return ids === undefined ? laterQuery(newVersion, query) : `id=in=(${ids.map(literal).join(",")})`;
}

export interface FollowUp {
  /** An OpenC2 update for `edict send`: the server adds what the release and the permit say. */
  readonly command: {
    readonly action: "update";
    readonly target: { readonly [SOFTWARE_TARGET]: Software };
    readonly args: { readonly response_requested: "none" };
    readonly command_id: string;
  };
  /** Those exposed now; absent when nobody is. */
  readonly query?: string;
  /** Those exposed now, and whoever appears later on another version. */
  readonly laterQuery: string;
}

/** Names no old version: who rolled back or was never reached may run any. */
export function followUpOf({ campaign, exposed }: Report): FollowUp {
  const { command, newVersion, query } = campaign;
  const { vendor = "", name = "", source } = (command.target as { [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  return {
    command: {
      action: "update",
      target: { [SOFTWARE_TARGET]: { vendor, name, new_version: newVersion, ...(source !== undefined && { source }) } },
      args: { response_requested: "none" },
      command_id: nextId(command.command_id ?? campaign.id),
    },
    ...(exposed.followUpQuery !== undefined && { query: exposed.followUpQuery }),
    laterQuery: laterQuery(newVersion, query),
  };
}

function laterQuery(newVersion: string, query: string | undefined): string {
  return `${query === undefined ? "" : `(${query});`}version!=${literal(newVersion)}`;
}

/** `wc17` -> `wc17-f1` -> `wc17-f2`. */
function nextId(id: string): string {
  const [, base = id, number = "0"] = /^(.*)-f(\d+)$/.exec(id) ?? [];
  const suffix = `-f${Number(number) + 1}`;
  return `${base.slice(0, FOLLOW_UP_ID_CHARACTERS_MAX - suffix.length)}${suffix}`;
}

function literal(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
