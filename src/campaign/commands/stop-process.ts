/**
 * A campaign of `stop` `process` (x-iot). The command names a process and no devices: which they are is for the cohort's query to say, and
 * there is none without one, so that nobody stops a process on the whole fleet by leaving something out. Pure.
 */
import type { JsonObject } from "../../openc2/model.ts";
import { SETTLED_SHARE_DEFAULT } from "../limits.ts";
import { type CommandKind, refuse } from "./command-kind.ts";

export const stopProcess: CommandKind = {
  profile: "x-iot",
  // Nobody starts anew for it: in an emergency too, whoever is away is not merely late.
  ladder: { settledShare: SETTLED_SHARE_DEFAULT },
  queryTarget: ({ target }) => {
    const { process } = target as { readonly process: JsonObject };
    // Beside a name it would narrow the command to whoever happens to have given out that number.
    if ("pid" in process) refuse("a pid is another process on every device: name the process, or give its executable's hashes");
    return { process };
  },
  checkRequest: ({ query }) => {
    if (query === undefined) refuse("a stop names no devices: a query has to say on which the process is stopped");
  },
};
