/** Every attack of the run, in the order of the abuse cases. */
import type { Attack } from "./attack.ts";
import { CHANNEL_ATTACKS } from "./attacks/channel.ts";
import { DEPOT_ATTACKS } from "./attacks/depot.ts";
import { EDGE_ATTACKS } from "./attacks/edge.ts";
import { FIELD_ATTACKS } from "./attacks/field.ts";
import { PLATFORM_ATTACKS } from "./attacks/platform.ts";

/** What has no number comes last. */
const numberOf = ({ id }: Attack) => Number.parseInt(id, 10) || Number.POSITIVE_INFINITY;

export const ATTACKS: readonly Attack[] = [
  ...PLATFORM_ATTACKS,
  ...CHANNEL_ATTACKS,
  ...DEPOT_ATTACKS,
  ...EDGE_ATTACKS,
  ...FIELD_ATTACKS,
].toSorted((a, b) => numberOf(a) - numberOf(b));

/** `3`; `8` for all whose id begins with `8-`. */
export function isMeant({ id }: Attack, only: readonly string[]): boolean {
  return only.length === 0 || only.some((name) => id === name || id.startsWith(`${name}-`));
}
