/**
 * The cohort query: RSQL over a fixed list of facts, parsed and checked before it meets a database. Its meaning is defined by
 * `matches`; a store's translation is tested against it. Pure.
 */
import type { ExpressionNode } from "@rsql/ast";
import { parse } from "@rsql/parser";
import type { DeviceFacts } from "./device.ts";
import { FleetError } from "./errors.ts";
import { QUERY_CHARACTERS_MAX, QUERY_COMPARISONS_MAX } from "./limits.ts";

export const TEXT_FIELDS = ["id", "vendor", "name", "version", "hardware", "region"] as const;
export const BOOLEAN_FIELDS = ["subscribed", "optedOut"] as const;
export type QueryField = (typeof TEXT_FIELDS)[number] | (typeof BOOLEAN_FIELDS)[number];

export type CohortQuery =
  | { readonly kind: "and" | "or"; readonly left: CohortQuery; readonly right: CohortQuery }
  /** True when the field equals one of the values (`*` stands for any characters), reversed when `isNot`. */
  | { readonly kind: "text"; readonly field: (typeof TEXT_FIELDS)[number]; readonly isNot: boolean; readonly values: readonly string[] }
  | { readonly kind: "boolean"; readonly field: (typeof BOOLEAN_FIELDS)[number]; readonly value: boolean };

/** Throws ERR_FLEET_QUERY_*. */
export function parseCohortQuery(text: string): CohortQuery {
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
    return comparison(node.left.selector, node.operator, [node.right.value].flat());
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
      return query.values.some((value) => matchesText(value, device[query.field])) !== query.isNot;
    case "boolean":
      return device[query.field] === query.value;
  }
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

function comparison(name: string, operator: string, values: readonly string[]): CohortQuery {
  const isNot = operator === "!=" || operator === "=out=";
  if (!isNot && operator !== "==" && operator !== "=in=") {
    throw new FleetError("ERR_FLEET_QUERY_OPERATOR", `"${operator}" cannot be used with "${name}"`);
  }
  const field = TEXT_FIELDS.find((known) => known === name);
  if (field !== undefined) return { kind: "text", field, isNot, values };
  const flag = BOOLEAN_FIELDS.find((known) => known === name);
  if (flag === undefined) {
    throw new FleetError(
      "ERR_FLEET_QUERY_FIELD",
      `there is no field "${name}"; there are ${[...TEXT_FIELDS, ...BOOLEAN_FIELDS].join(", ")}`,
    );
  }
  const [value, ...others] = values;
  if (others.length > 0 || (value !== "true" && value !== "false")) {
    throw new FleetError("ERR_FLEET_QUERY_VALUE", `"${name}" is compared with ${values.join(", ")}; it is true or false`);
  }
  return { kind: "boolean", field: flag, value: (value === "true") !== isNot };
}

/** Case matters; `*` stands for any characters, as users of other update servers know it. */
function matchesText(pattern: string, text: string): boolean {
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
