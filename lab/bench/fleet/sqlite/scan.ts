/**
 * The same question put to the same database as a scan: a cohort query as one SQL condition over all rows, which is what a store without
 * sets of devices does. Only what the bench asks is translated.
 */
import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { CohortQuery } from "../../../../src/fleet/cohort-query.ts";

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLQueryBindings[];
}

const COLUMNS: Readonly<Record<string, string>> = { optedOut: "opted_out", timeZone: "time_zone" };

export function scan(database: Database, query: CohortQuery): number {
  const { sql, values } = toSql(query);
  return database.query(`SELECT ordinal FROM device WHERE ${sql} ORDER BY ordinal`).values(...values).length;
}

function toSql(query: CohortQuery): Condition {
  switch (query.kind) {
    case "and":
    case "or": {
      const [left, right] = [toSql(query.left), toSql(query.right)];
      return { sql: `(${left.sql} ${query.kind.toUpperCase()} ${right.sql})`, values: [...left.values, ...right.values] };
    }
    case "text": {
      const list = query.field === "tag" ? "(SELECT value FROM json_each(tags))" : undefined;
      const column = COLUMNS[query.field] ?? query.field;
      const tests = query.values.map((value) =>
        list === undefined ? `${column} ${value.includes("*") ? "GLOB" : "="} ?` : `? IN ${list}`,
      );
      return { sql: `${query.isNot ? "NOT " : ""}(${tests.join(" OR ")})`, values: query.values };
    }
    case "versions":
      return { sql: `version IN (${query.versions.map(() => "?").join()})`, values: query.versions };
    case "boolean":
      return { sql: `${COLUMNS[query.field] ?? query.field} = ?`, values: [query.value ? 1 : 0] };
    case "counter":
      throw new Error("the bench asks nothing about counters");
  }
}
