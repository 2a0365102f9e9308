/** Rules 1 to 5 of judge.ts: what the device itself says about its software and about our command. */
import type { History, Inventory } from "./history.ts";
import type { Conclusion, UpdateContext, UpdateRule } from "./judge.ts";
import { quoted } from "./quoted.ts";
import { timeText } from "./wording.ts";

export const SAID_RULES: readonly UpdateRule[] = [superseded, wentByItself, failedOrRolledBack, refusedByDevice, done, newButNotDone];

function superseded({ inventories }: History, context: UpdateContext): Conclusion | undefined {
  const last = inventories.at(-1);
  const other = last?.lastUpdate;
  if (last === undefined || other?.state !== "done" || isOurs(last, context)) return undefined;
  // Without a version from before, another version proves nothing: it may have been there all along.
  const before = context.oldVersion ?? inventories[0]?.software.version;
  const { version } = last.software;
  if (version === context.newVersion || version === before) return undefined;
  return {
    verdict: "superseded",
    because: `runs ${quoted(version)}, installed for command ${quoted(other.command_id)} (${saidAt(last)})`,
    atMs: last.atMs,
    said: last.said,
  };
}

function wentByItself({ inventories, claim, sinceMs }: History, context: UpdateContext): Conclusion | undefined {
  const last = inventories.at(-1);
  if (last === undefined || !runsRelease(last, context) || isOurs(last, context)) return undefined;
  if (claim !== undefined && !hasFailed(claim.state)) return undefined;
  const first = inventories.find((inventory) => runsRelease(inventory, context)) ?? last;
  const other = last.lastUpdate === undefined ? "no command" : `command ${quoted(last.lastUpdate.command_id)}`;
  const how =
    first.atMs <= sinceMs ? "had it before the command" : `names ${other}${claim === undefined ? "" : `, ours ended as ${claim.state}`}`;
  const because = `runs ${context.newVersion} but not by us: ${how} (${saidAt(last)})`;
  return { verdict: "not-applicable", because, atMs: last.atMs, said: last.said };
}

function failedOrRolledBack({ claim }: History): Conclusion | undefined {
  if (claim === undefined || !hasFailed(claim.state)) return undefined;
  const code = claim.error === undefined ? "no reason given" : quoted(claim.error);
  const verdict = claim.state === "rolled_back" ? "rolled-back" : "failed";
  const what = { rolled_back: "rolled back", cancelled: "cancelled the update", failed: "could not install" }[claim.state];
  return { verdict, because: `${what}: ${code} (said at ${timeText(claim.atMs)})`, atMs: claim.atMs, said: claim.said };
}

function refusedByDevice({ claim, refusal }: History): Conclusion | undefined {
  if (refusal === undefined || claim !== undefined) return undefined;
  return {
    verdict: "failed",
    because: `answered the command with status ${refusal.status} (at ${timeText(refusal.atMs)})`,
    atMs: refusal.atMs,
    said: "over the channel",
  };
}

function done(history: History, context: UpdateContext): Conclusion | undefined {
  const last = history.inventories.at(-1);
  if (history.claim?.state !== "done" || last === undefined) return undefined;
  const contradiction = contradictionOf(last, context);
  if (contradiction !== undefined) {
    const because = `said that the update is done, but ${contradiction} (${saidAt(last)})`;
    return { verdict: "unknown", because, atMs: last.atMs, said: last.said };
  }
  const saidDone = history.inventories.filter((inventory) => isOurs(inventory, context) && inventory.lastUpdate?.state === "done");
  // Words that nobody on the way can have changed, where there are any; what was said last contradicts neither.
  const signed = saidDone.findLast((inventory) => inventory.said === "signed" && digestOf(inventory) !== undefined);
  const named = signed ?? saidDone.at(-1) ?? last;
  const booted = bootSeenAfter(history, context);
  if (booted === undefined) {
    return {
      verdict: "reported",
      because: `claims ${context.newVersion}; no start since the command was seen (${saidAt(named)})`,
      atMs: named.atMs,
      said: named.said,
    };
  }
  if (digestOf(named) === undefined) {
    const because = `claims ${context.newVersion} without its digest (${saidAt(named)})`;
    return { verdict: "reported", because, atMs: named.atMs, said: named.said };
  }
  return {
    verdict: "verified",
    because: `${context.newVersion} with its digest after start ${booted.boot}, by our command (${saidAt(named)})`,
    atMs: Math.max(named.atMs, booted.atMs),
    said: named.said,
  };
}

function newButNotDone({ inventories, claim }: History, context: UpdateContext): Conclusion | undefined {
  const last = inventories.at(-1);
  if (last?.software.version !== context.newVersion) return undefined;
  const contradiction = contradictionOf(last, context);
  if (contradiction !== undefined)
    return { verdict: "unknown", because: `${contradiction} (${saidAt(last)})`, atMs: last.atMs, said: last.said };
  const state = claim?.state ?? "unknown";
  const because = `runs ${context.newVersion} but last said "${state}" (${saidAt(last)})`;
  return { verdict: "reported", because, atMs: last.atMs, said: last.said };
}

/**
 * The first check-in with the new version whose start is later than every start seen before it: before the command, or on another
 * version since. The second matters for a device that was away: it gets the command a moment before its check-in arrives.
 */
function bootSeenAfter({ inventories, sinceMs }: History, context: UpdateContext): Inventory | undefined {
  let earlierBoot: number | undefined;
  for (const inventory of inventories) {
    if (inventory.boot === undefined) continue;
    const isNew = inventory.software.version === context.newVersion;
    if (!isNew || (inventory.atMs <= sinceMs && !isOurs(inventory, context))) {
      earlierBoot = Math.max(earlierBoot ?? inventory.boot, inventory.boot);
    } else if (earlierBoot !== undefined && inventory.boot > earlierBoot) return inventory;
  }
  return undefined;
}

function contradictionOf(inventory: Inventory, context: UpdateContext): string | undefined {
  if (inventory.software.version !== context.newVersion) return `runs ${quoted(inventory.software.version)}`;
  const digest = digestOf(inventory);
  if (digest === undefined || digest === context.sha256.toLowerCase()) return undefined;
  return `calls itself ${context.newVersion} with the digest ${quoted(digest.slice(0, 12))} of something else`;
}

function runsRelease(inventory: Inventory, context: UpdateContext): boolean {
  return contradictionOf(inventory, context) === undefined;
}

function digestOf(inventory: Inventory): string | undefined {
  return inventory.software.hashes?.sha256?.toLowerCase();
}

function isOurs(inventory: Inventory, context: UpdateContext): boolean {
  return inventory.lastUpdate !== undefined && context.commandIds.includes(inventory.lastUpdate.command_id);
}

function hasFailed(state: string): state is "failed" | "rolled_back" | "cancelled" {
  return state === "failed" || state === "rolled_back" || state === "cancelled";
}

function saidAt(inventory: Inventory): string {
  return `${inventory.said === "signed" ? "signed " : ""}${inventory.by} at ${timeText(inventory.atMs)}`;
}
