/**
 * The cohort query: RSQL over a fixed list of facts, parsed and checked before it meets a store. Its meaning is defined by
 * `matches`; what a store makes of it is tested against that. Pure.
 */
import type { ExpressionNode } from "@rsql/ast";
import { parse } from "@rsql/parser";
import type { ReleaseCounters } from "./cohort.ts";
import type { DeviceFacts } from "./device.ts";
import { FleetError } from "./errors.ts";
import { BOOLEAN_FIELDS, type BooleanField, TEXT_FIELDS, type TextField, textsOf } from "./facts.ts";
import { QUERY_CHARACTERS_MAX, QUERY_COMPARISONS_MAX } from "./limits.ts";
import { isOrder, type Range, rangesOf, versionsOf } from "./release-order.ts";

/** Other names of the same: a device has several tags and components. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["tags", "tag"],
  ["components", "component"],
]);

export type CohortQuery =
  | { readonly kind: "and" | "or"; readonly left: CohortQuery; readonly right: CohortQuery }
  /** True when one of the device's texts equals one of the values (`*` stands for any characters), reversed when `isNot`. */
  | { readonly kind: "text"; readonly field: TextField; readonly isNot: boolean; readonly values: readonly string[] }
  /** True when the version is exactly one of these: what an order of versions comes down to. */
  | { readonly kind: "versions"; readonly versions: readonly string[] }
  /** True when the counter is known and lies in one of the ranges, reversed when `isNot`. */
  | { readonly kind: "counter"; readonly isNot: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: "boolean"; readonly field: BooleanField; readonly value: boolean };

/** `counters` are of the model that is asked about. Throws ERR_FLEET_QUERY_*. */
export function parseCohortQuery(text: string, counters?: ReleaseCounters): CohortQuery {
  if (text.length > QUERY_CHARACTERS_MAX)
    throw new FleetError("ERR_FLEET_QUERY_LIMIT", `a query of ${text.length} characters; ${QUERY_CHARACTERS_MAX} are allowed`);
  let comparisons = 0;
  const convert = (node: ExpressionNode): CohortQuery => {
    if (node.type === "LOGIC") {
      const kind = node.operator === ";" || node.operator === "and" ? "and" : "or";
      return { kind, left: convert(node.left), right: convert(node.right) };
    }
    comparisons += 1;
    if (comparisons > QUERY_COMPARISONS_MAX)
      throw new FleetError("ERR_FLEET_QUERY_LIMIT", `more than ${QUERY_COMPARISONS_MAX} comparisons`);
    return comparison(node.left.selector, node.operator, [node.right.value].flat(), counters);
  };
  return convert(parseRsql(text));
}

/** Whether a device is selected. The definition of the query's meaning. */
export function matches(query: CohortQuery, device: DeviceFacts): boolean {
  switch (query.kind) {
    case "and":
      return matches(query.left, device) && matches(query.right, device);
    case "or":
      return matches(query.left, device) || matches(query.right, device);
    case "text":
      return textsOf(device, query.field).some((text) => query.values.some((value) => matchesText(value, text))) !== query.isNot;
    case "versions":
      return query.versions.includes(device.version);
    case "counter":
      return isWithin(query.ranges, device.counter) !== query.isNot;
    case "boolean":
      return device[query.field] === query.value;
  }
}

/** Case matters; `*` stands for any characters, as users of other update servers know it. */
export function matchesText(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

export function isWithin(ranges: readonly Range[], counter: number | undefined): boolean {
  return counter !== undefined && ranges.some(({ from, to }) => counter >= from && counter <= to);
}

function parseRsql(text: string): ExpressionNode {
  try {
    return parse(text);
  } catch (cause) {
    throw new FleetError("ERR_FLEET_QUERY_SYNTAX", `the query cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function comparison(given: string, operator: string, values: readonly string[], counters?: ReleaseCounters): CohortQuery {
  const name = ALIASES.get(given) ?? given;
  if (name === "version" && isOrder(operator)) return { kind: "versions", versions: versionsOf(operator, values[0] ?? "", counters) };
  if (name === "counter") return { kind: "counter", isNot: isNegation(operator), ranges: rangesOf(operator, values) };
  if (!["==", "!=", "=in=", "=out="].includes(operator))
    throw new FleetError("ERR_FLEET_QUERY_OPERATOR", `"${operator}" cannot be used with "${given}"`);
  const isNot = isNegation(operator);
  const field = TEXT_FIELDS.find((known) => known === name);
  if (field !== undefined) return { kind: "text", field, isNot, values };
  const flag = BOOLEAN_FIELDS.find((known) => known === name);
  if (flag === undefined) {
    throw new FleetError(
      "ERR_FLEET_QUERY_FIELD",
      `there is no field "${given}"; there are ${[...TEXT_FIELDS, "counter", ...BOOLEAN_FIELDS].join(", ")}`,
    );
  }
  const [value, ...others] = values;
  if (others.length > 0 || (value !== "true" && value !== "false")) {
    throw new FleetError("ERR_FLEET_QUERY_VALUE", `"${given}" is compared with ${values.join(", ")}; it is true or false`);
  }
  return { kind: "boolean", field: flag, value: (value === "true") !== isNot };
}

function isNegation(operator: string): boolean {
  return operator === "!=" || operator === "=out=";
}
