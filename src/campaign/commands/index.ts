/** The commands that a campaign can carry, by their verb: an action with its target, as the authority map says it. Pure. */
import type { Command } from "../../openc2/model.ts";
import { verbOf } from "../../trust/verify/index.ts";
import { type CommandKind, type Limits, refuse } from "./command-kind.ts";
import { stopProcess } from "./stop-process.ts";
import { update } from "./update.ts";

const KINDS: ReadonlyMap<string, CommandKind> = new Map([
  ["update x-swup:software", update],
  ["stop process", stopProcess],
]);

/** Throws ERR_CAMPAIGN_COMMAND for what no campaign carries. */
export function kindOf(command: Command): CommandKind {
  return KINDS.get(verbOf(command)) ?? refuse(`a campaign carries ${[...KINDS.keys()].join(" or ")}, not ${verbOf(command)}`);
}

/** Until when the command holds, and over how long devices start. Total: of what no campaign carries nothing is known. */
export function limitsOf(command: Command): Limits {
  const kind = KINDS.get(verbOf(command));
  return (kind && command.args?.[kind.profile]) ?? {};
}
