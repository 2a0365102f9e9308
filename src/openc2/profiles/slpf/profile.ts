/**
 * The profile slpf: SLPF 1.0 CS01, the one that OASIS has approved. Where its own texts disagree (start_time with delete and update:
 * Table 2.3-2 and clause 11 against §2.3.4.1 and §2.3.5.1; stop_time with delete: clause 11 against the rest), the command is read.
 * docs/profiles/slpf says so too. Pure.
 */
import { type Faults, gather } from "../../faults.ts";
import { ASSET_TUPLE_MAX } from "../../limits.ts";
import type { Command, JsonObject } from "../../model.ts";
import { boolean, closedMap, fail, integer, listOf, oneOf, text } from "../../shape.ts";
import type { Profile } from "../profile.ts";
import { DIRECTIONS, DROP_PROCESSES, RULE_NUMBER_TARGET, SLPF } from "./model.ts";

const ruleNumber = integer();
/** Table 2.3-1. */
const TRAFFIC = ["ipv4_connection", "ipv6_connection", "ipv4_net", "ipv6_net", "domain_name"];

export const slpf: Profile = {
  nsid: SLPF,
  targets: { rule_number: ruleNumber },
  // §2.1.3.2 and §2.1.4 are Maps without a least number of members: `{}` is read, as public producers send it.
  args: closedMap(
    { drop_process: oneOf(DROP_PROCESSES), persistent: boolean, direction: oneOf(DIRECTIONS), insert_rule: ruleNumber },
    { least: 0 },
  ),
  actuator: closedMap(
    { hostname: text(), named_group: text(), asset_id: text(), asset_tuple: listOf(text(), { most: ASSET_TUPLE_MAX }) },
    { least: 0 },
  ),
  results: closedMap({ rule_number: ruleNumber }, { least: 0 }),
  pairs: { query: ["features"], allow: TRAFFIC, deny: TRAFFIC, delete: [RULE_NUMBER_TARGET], update: ["file"] },
  matrixClause: "SLPF 1.0 §2.3",
  checkCommand,
};

function checkCommand({ action, target, args = {} }: Command, path: string, faults?: Faults): void {
  const own = (args[SLPF] ?? {}) as JsonObject;
  for (const name of Object.keys(own)) {
    // Table 2.3-2: these go with rules, drop_process with deny alone.
    if (action === "deny" || (action === "allow" && name !== "drop_process")) continue;
    gather(faults, () => fail("ERR_OPENC2_UNSUPPORTED", `${path}.args.slpf.${name}`, `it does not go with ${action}`, "SLPF 1.0 §2.3"));
  }
  // A rule with a number of the producer's choice must be answered. Absent means complete.
  if ("insert_rule" in own && (args.response_requested ?? "complete") !== "complete")
    fail("ERR_OPENC2_VALUE", `${path}.args.response_requested`, "insert_rule needs complete", "SLPF 1.0 §2.3.1");
  if (action === "update") checkUpdate(target, args, path);
}

function checkUpdate(target: Command["target"], args: NonNullable<Command["args"]>, path: string): void {
  if (!("name" in ((target as JsonObject)["file"] as JsonObject)))
    fail("ERR_OPENC2_MISSING", `${path}.target.file.name`, "an update needs it", "SLPF 1.0 §2.3.5.1");
  for (const name of ["stop_time", "duration"])
    if (name in args) fail("ERR_OPENC2_UNSUPPORTED", `${path}.args.${name}`, "it does not go with update", "SLPF 1.0 §2.3.5.1");
  if (args.response_requested === "status")
    fail("ERR_OPENC2_VALUE", `${path}.args.response_requested`, "complete, ack or none is expected", "SLPF 1.0 §2.3.5.1");
}
