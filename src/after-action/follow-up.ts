/** The next campaign, for those still exposed: its cohort query and its command, ready to be drafted. Pure. */
import type { Args, Command } from "../openc2/model.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/profiles/x-swup/model.ts";
import type { CohortRequest } from "../fleet/cohort.ts";
import { FOLLOW_UP_ID_CHARACTERS_MAX } from "./limits.ts";
import type { Report } from "./report-model.ts";

type Wish = Pick<CohortRequest, "newVersion" | "query">;

/**
 * RSQL: the ids themselves while they are few, else the same query again, of an update less those on the new version. Drafted with the same
 * vendor and model; a device patched in the meantime is left out by the selection itself.
 */
export function followUpQuery(exposedCount: number, ids: readonly string[] | undefined, wish: Wish): string | undefined {
  if (exposedCount === 0) return undefined;
  return ids === undefined ? laterQuery(wish) : `id=in=(${ids.map(literal).join(",")})`;
}

export interface FollowUp {
  /** An OpenC2 command for `edict send`: the server adds what the release and the permit say. */
  readonly command: Command;
  /** Those exposed now; absent when nobody is. */
  readonly query?: string;
  /** Those exposed now, and whoever appears later on another version. */
  readonly laterQuery: string;
}

export function followUpOf({ campaign, exposed }: Report): FollowUp {
  const { action, target, args, actuator, command_id } = campaign.command;
  return {
    command: {
      action,
      target: writtenTarget(target),
      args: writtenArgs(args),
      ...(actuator && { actuator }),
      command_id: nextId(command_id ?? campaign.id),
    },
    ...(exposed.followUpQuery !== undefined && { query: exposed.followUpQuery }),
    laterQuery: laterQuery(campaign),
  };
}

/** Names no old version: who rolled back or was never reached may run any. */
function writtenTarget(target: Command["target"]): Command["target"] {
  const software = (target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET];
  if (software === undefined) return target;
  const { vendor = "", name = "", new_version = "", source } = software;
  return { [SOFTWARE_TARGET]: { vendor, name, new_version, ...(source !== undefined && { source }) } };
}

/** Without the limits, which are the next campaign's own. */
function writtenArgs({ "x-iot": iot }: Args = {}): Args {
  return { response_requested: "none", ...(iot?.grace !== undefined && { "x-iot": { grace: iot.grace } }) };
}

/** A process may be back on any of them: nothing that is known of a device says who has it. */
function laterQuery({ newVersion, query }: Wish): string {
  if (newVersion === undefined) return query ?? "";
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
