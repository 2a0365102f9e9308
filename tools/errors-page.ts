/** Writes docs/errors.md from the rooms' own error tables; a test tells whether the page is current. */
import { join } from "node:path";
import type { ErrorTable } from "../src/openc2/edict-error.ts";
import { AFTER_ACTION_ERRORS } from "../src/after-action/errors.ts";
import { AGENT_ERRORS } from "../src/agent/errors.ts";
import { CAMPAIGN_ERRORS } from "../src/campaign/errors.ts";
import { CHANNEL_ERRORS } from "../src/channel/errors.ts";
import { CLI_ERRORS } from "../src/cli/errors.ts";
import { DEPOT_ERRORS } from "../src/depot/errors.ts";
import { ENROLMENT_ERRORS } from "../src/enrolment/errors.ts";
import { FLEET_ERRORS } from "../src/fleet/errors.ts";
import { CONSUMER_ERRORS } from "../src/openc2/consumer/errors.ts";
import { OPENC2_ERRORS } from "../src/openc2/errors.ts";
import { SERVER_ERRORS } from "../src/server/errors.ts";
import { TRUST_ERRORS } from "../src/trust/errors.ts";

const ROOMS: readonly (readonly [string, ErrorTable<string>])[] = [
  ["openc2", OPENC2_ERRORS],
  ["openc2/consumer", CONSUMER_ERRORS],
  ["trust", TRUST_ERRORS],
  ["fleet", FLEET_ERRORS],
  ["campaign", CAMPAIGN_ERRORS],
  ["channel", CHANNEL_ERRORS],
  ["depot", DEPOT_ERRORS],
  ["agent", AGENT_ERRORS],
  ["enrolment", ENROLMENT_ERRORS],
  ["after-action", AFTER_ACTION_ERRORS],
  ["server", SERVER_ERRORS],
  ["cli", CLI_ERRORS],
];

export const ERRORS_PAGE = join(import.meta.dir, "../docs/errors.md");

export function errorsPage(): string {
  const sections = ROOMS.map(([room, table]) => {
    const rows = Object.entries(table).map(
      ([code, { actor, retry, status, help }]) => `| \`${code}\` | ${actor} | ${retry ? "yes" : "no"} | ${status} | ${help} |`,
    );
    return [`## ${room}`, "", "| code | who acts | again helps | OpenC2 status | what to do |", "|---|---|---|---|---|", ...rows, ""].join(
      "\n",
    );
  });
  return [
    "# Error codes",
    "",
    "Codes are stable; messages may get better. `npm run errors` writes this page from the tables in the rooms.",
    "",
    "Exit statuses of `edict`: 0 done, 1 refused, 2 wrong usage, 3 no server is running, 4 not found, 5 alarm (tampering), 70 a fault of Edict's.",
    "",
    ...sections,
  ].join("\n");
}

if (import.meta.main) await Bun.write(ERRORS_PAGE, errorsPage());
