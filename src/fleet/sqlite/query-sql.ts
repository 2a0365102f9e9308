/** A cohort query as a parameterised SQL condition: values are only ever bound, never written into the text. */
import type { SQLQueryBindings } from "bun:sqlite";
import type { CohortQuery, QueryField } from "../cohort-query.ts";

export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLQueryBindings[];
}

const COLUMNS: { readonly [field in QueryField]: string } = {
  id: "id",
  vendor: "vendor",
  name: "name",
  version: "version",
  hardware: "hardware",
  region: "region",
  subscribed: "subscribed",
  optedOut: "opted_out",
};

export function toSql(query: CohortQuery): Condition {
  switch (query.kind) {
    case "and":
    case "or": {
      const [left, right] = [toSql(query.left), toSql(query.right)];
      return { sql: `(${left.sql} ${query.kind.toUpperCase()} ${right.sql})`, values: [...left.values, ...right.values] };
    }
    case "text": {
      const column = COLUMNS[query.field];
      // GLOB matches case and knows *; its other wildcards are made literal by brackets.
      const tests = query.values.map((value) => (value.includes("*") ? `${column} GLOB ?` : `${column} = ?`));
      const values = query.values.map((value) => (value.includes("*") ? value.replaceAll(/[?[]/g, "[$&]") : value));
      return { sql: `${query.isNot ? "NOT " : ""}(${tests.join(" OR ") || "0"})`, values };
    }
    case "boolean":
      return { sql: `${COLUMNS[query.field]} = ?`, values: [query.value ? 1 : 0] };
  }
}
