/**
 * Order in a cohort query: by release counter, never by the text of a version, which says nothing ("2.10" and "2.9"; "b7" and
 * "2026.1"). `version=lt=2.3.4` means those versions of the model that were published with a lower counter than 2.3.4. Pure.
 */
import type { ReleaseCounters } from "./cohort.ts";
import { FleetError } from "./errors.ts";
import { COUNTERS_SHOWN } from "./limits.ts";

/** Both ends belong to it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

const ORDERS: Readonly<Record<string, (counter: number) => Range>> = {
  "<": (counter) => ({ from: 0, to: counter - 1 }),
  "<=": (counter) => ({ from: 0, to: counter }),
  ">": (counter) => ({ from: counter + 1, to: Number.MAX_SAFE_INTEGER }),
  ">=": (counter) => ({ from: counter, to: Number.MAX_SAFE_INTEGER }),
};
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ["=lt=", "<"],
  ["=le=", "<="],
  ["=gt=", ">"],
  ["=ge=", ">="],
]);

export function isOrder(operator: string): boolean {
  return orderOf(operator) !== undefined;
}

/** The published versions that stand in this order to `version`. Throws ERR_FLEET_QUERY_ORDER when it was never published. */
export function versionsOf(operator: string, version: string, counters: ReleaseCounters = {}): readonly string[] {
  const published = Object.entries(counters).toSorted(([, one], [, other]) => one - other);
  const counter = published.find(([known]) => known === version)?.[1];
  if (counter === undefined) {
    const known = published.slice(-COUNTERS_SHOWN).map(([name, value]) => `${name} (${value})`);
    throw new FleetError(
      "ERR_FLEET_QUERY_ORDER",
      `version "${version}" was never published for this model, so nothing is known to be before or after it; ` +
        (known.length === 0 ? "no release is known" : `the newest published, with their counters, are ${known.join(", ")}`),
    );
  }
  const range = orderOf(operator)?.(counter) ?? { from: counter, to: counter };
  return published.filter(([, value]) => value >= range.from && value <= range.to).map(([name]) => name);
}

/** Throws ERR_FLEET_QUERY_VALUE for what is no release counter, ERR_FLEET_QUERY_OPERATOR for what does not compare numbers. */
export function rangesOf(operator: string, values: readonly string[]): readonly Range[] {
  const order = orderOf(operator);
  if (order === undefined && !["==", "!=", "=in=", "=out="].includes(operator))
    throw new FleetError("ERR_FLEET_QUERY_OPERATOR", `"${operator}" cannot be used with "counter"`);
  return values.map((value) => {
    const counter = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(counter)) throw new FleetError("ERR_FLEET_QUERY_VALUE", `"counter" is compared with ${value}; it is a whole number`);
    return order?.(counter) ?? { from: counter, to: counter };
  });
}

function orderOf(operator: string): ((counter: number) => Range) | undefined {
  const sign = SPELLINGS.get(operator) ?? operator;
  return Object.hasOwn(ORDERS, sign) ? ORDERS[sign] : undefined;
}
