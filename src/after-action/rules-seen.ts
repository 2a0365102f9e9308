/** Rules 6 to 11 of judge.ts: what was seen of a device that says nothing, or nothing that decides. */
import type { History, Seen } from "./history.ts";
import type { Conclusion, JudgeTerms, UpdateRule } from "./judge.ts";
import { quoted } from "./quoted.ts";
import { durationText, timeText } from "./wording.ts";

/** Whatever the device was to do; `away` stands by itself. */
export const SEEN_ALWAYS = [refusedConnection, notSent, stale] as const;

export const SEEN_RULES: readonly UpdateRule[] = [refusedConnection, away, notSent, saysOther, cameBack, fetched, fetchedPart, stale];

function refusedConnection({ channel }: Seen): Conclusion | undefined {
  if (channel.state !== "refused" || channel.atMs === undefined) return undefined;
  const because = `its connection was refused: ${quoted(channel.reason ?? "")} (at ${timeText(channel.atMs)})`;
  return { verdict: "unreachable", because, atMs: channel.atMs };
}

export function away(history: Seen, context: JudgeTerms): Conclusion | undefined {
  const { channel, sinceMs, commanded, fetchedMs } = history;
  if (channel.state === "never") return { verdict: "unreachable", because: "never connected", atMs: history.heardMs };
  if (channel.state !== "away" || channel.atMs === undefined) return undefined;
  const atMs = Math.max(channel.atMs, fetchedMs ?? channel.atMs);
  const left = timeText(channel.atMs);
  const said = history.claim === undefined ? "" : `, last said "${history.claim.state}"`;
  if (fetchedMs === undefined && !(commanded && channel.atMs >= sinceMs)) {
    return { verdict: "unreachable", because: `no channel since ${left}${said}`, atMs };
  }
  const what = fetchedMs === undefined ? "went away after the command" : "fetched the release, went away";
  const because = `${what}${said}, not back since ${left}`;
  const patienceMs = channel.atMs + context.returnWindowMs - context.nowMs;
  if (patienceMs > 0) return { verdict: "unknown", because: `${because}: it has ${durationText(patienceMs)} left to return`, atMs };
  return { verdict: "unreachable", because: fetchedMs === undefined ? because : `${because}: look at it first`, atMs };
}

function notSent({ commanded, channel }: Seen): Conclusion | undefined {
  return commanded ? undefined : { verdict: "unknown", because: "has a channel, but the command was not sent to it", atMs: channel.atMs };
}

function saysOther({ inventories, claim, sinceMs, cameBackMs, fetchedMs }: History): Conclusion | undefined {
  const last = inventories.at(-1);
  if (last === undefined || last.atMs < Math.max(sinceMs, cameBackMs ?? 0, fetchedMs ?? 0)) return undefined;
  const version = quoted(last.software.version);
  const because =
    claim === undefined
      ? `still on ${version} and does not say why (${last.by} at ${timeText(last.atMs)})`
      : `on ${version} and says "${claim.state}" (at ${timeText(claim.atMs)})`;
  return { verdict: "unknown", because, atMs: last.atMs };
}

function cameBack({ cameBackMs, fetchedMs }: History): Conclusion | undefined {
  if (cameBackMs === undefined) return undefined;
  const what = fetchedMs === undefined ? "went away after the command" : "fetched the release, went away";
  return { verdict: "inferred", because: `${what} and came back at ${timeText(cameBackMs)}, without inventory`, atMs: cameBackMs };
}

function fetched({ fetchedMs }: History): Conclusion | undefined {
  if (fetchedMs === undefined) return undefined;
  return { verdict: "inferred", because: `fetched the whole release at ${timeText(fetchedMs)} and is still connected`, atMs: fetchedMs };
}

function fetchedPart({ fetchedBytes, heardMs }: History): Conclusion | undefined {
  if (fetchedBytes === 0) return undefined;
  return { verdict: "unknown", because: `was sent ${fetchedBytes} bytes of the release, not all of it`, atMs: heardMs };
}

function stale({ heardMs, sinceMs }: Seen): Conclusion | undefined {
  if (heardMs === undefined || heardMs > sinceMs) return undefined;
  return { verdict: "stale", because: `nothing heard of it since ${timeText(heardMs)}, before the command`, atMs: heardMs };
}
