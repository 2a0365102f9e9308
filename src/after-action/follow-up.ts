/** The cohort query for those still exposed, ready to be drafted as the next campaign. Pure. */
import { FOLLOW_UP_IDS_MAX } from "./limits.ts";

/**
 * RSQL: the ids themselves while they are few, else the same query again, less those on the new version. Drafted with the same vendor and
 * model; a device patched in the meantime is left out by the selection itself.
 */
export function followUpQuery(ids: readonly string[], newVersion: string, query?: string): string | undefined {
  if (ids.length === 0) return undefined;
  if (ids.length <= FOLLOW_UP_IDS_MAX) return `id=in=(${ids.map(literal).join(",")})`;
  return `${query === undefined ? "" : `(${query});`}version!=${literal(newVersion)}`;
}

function literal(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}
