/** What the fleet refuses: queries and imports that it cannot read. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type FleetErrorCode =
  | "ERR_FLEET_QUERY_SYNTAX"
  | "ERR_FLEET_QUERY_FIELD"
  | "ERR_FLEET_QUERY_OPERATOR"
  | "ERR_FLEET_QUERY_VALUE"
  | "ERR_FLEET_QUERY_ORDER"
  | "ERR_FLEET_QUERY_LIMIT"
  | "ERR_FLEET_IMPORT_FORMAT"
  | "ERR_FLEET_IMPORT_COLUMN"
  | "ERR_FLEET_IMPORT_ROW"
  | "ERR_FLEET_IMPORT_SIZE"
  | "ERR_FLEET_IMPORT_LOST"
  | "ERR_FLEET_IMPORT_STOPPED"
  | "ERR_FLEET_IMPORT_UNKNOWN";

const operator = { actor: "operator", retry: false, status: 400 } as const;

export const FLEET_ERRORS: ErrorTable<FleetErrorCode> = {
  ERR_FLEET_QUERY_SYNTAX: { ...operator, help: "Write RSQL, e.g. vendor==famousMaker;region=in=(east,west)." },
  ERR_FLEET_QUERY_FIELD: { ...operator, help: "Use one of the fields that the message names." },
  ERR_FLEET_QUERY_OPERATOR: { ...operator, help: "Use ==, !=, =in= or =out=; only version and counter have an order." },
  ERR_FLEET_QUERY_VALUE: { ...operator, help: "Compare consent with true or false, a counter with a whole number." },
  ERR_FLEET_QUERY_ORDER: { ...operator, help: "Compare with a published version, or with a counter: counter=lt=7." },
  ERR_FLEET_QUERY_LIMIT: { ...operator, help: "Shorten the query." },
  ERR_FLEET_IMPORT_FORMAT: { ...operator, help: "Import a .csv file with a header, or .jsonl with one object a line." },
  ERR_FLEET_IMPORT_COLUMN: { ...operator, help: "Rename or remove the column that the message names." },
  ERR_FLEET_IMPORT_ROW: { ...operator, help: "Mend the line that the message names; nothing was imported." },
  ERR_FLEET_IMPORT_SIZE: { ...operator, help: "Split the file." },
  ERR_FLEET_IMPORT_LOST: { ...operator, help: "Import the file again: devices that are kept already are only updated." },
  ERR_FLEET_IMPORT_STOPPED: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "Mend what the message names, then start the server again: it goes on with the import.",
  },
  ERR_FLEET_IMPORT_UNKNOWN: { ...operator, status: 404, help: "Look at the id that the import was given." },
};

export class FleetError extends EdictError<FleetErrorCode> {
  constructor(code: FleetErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, FLEET_ERRORS[code], message, options);
  }
}
