/**
 * What happens next in a campaign: pure and total. The same campaign, facts and time give the same steps; no input makes it
 * throw. The driver applies the steps and chooses nothing.
 *
 * Rules kept here: waves go out in order and one at a time; nothing is planned in a held state (paused, halted, stopped,
 * cancelled); nothing is planned after the permit's end but to say so. Who may hold or let go on is the driver's affair.
 */
import type { Campaign } from "./campaign.ts";
import type { Step, WaveFacts } from "./plan-types.ts";
import { judgeWave } from "./plan-wave.ts";

export function plan(campaign: Campaign, facts: readonly WaveFacts[], nowMs: number): readonly Step[] {
  switch (campaign.state) {
    case "draft":
      return isExpired(campaign, nowMs) ? [{ kind: "expire" }] : [];
    case "approved":
      if (isExpired(campaign, nowMs)) return [{ kind: "expire" }];
      return nowMs < campaign.permit.not_before ? [] : nextWave(campaign);
    case "canary":
    case "sending":
    case "soaking":
      return isExpired(campaign, nowMs) ? [{ kind: "expire" }] : climb(campaign, factsOf(campaign, facts), nowMs);
    case "paused":
    case "halted":
    case "stopped":
    case "cancelled":
    case "done":
    case "expired":
      return [];
    default:
      campaign.state satisfies never;
      return [];
  }
}

/** A wave is under way or soaks: the soak goes on being judged, because failures may come late. */
function climb(campaign: Campaign, facts: WaveFacts, nowMs: number): readonly Step[] {
  const judgement = judgeWave(campaign, facts, nowMs);
  if (judgement.kind === "ill") return [{ kind: "halt", reason: judgement.reason }];
  if (judgement.kind === "waiting") return [];
  if (isLast(campaign)) return [{ kind: "finish" }];
  if (campaign.state !== "soaking") return [{ kind: "enter", state: "soaking" }];
  return nowMs >= (campaign.soakingSinceMs ?? nowMs) + campaign.ladder.soakMs ? nextWave(campaign) : [];
}

function nextWave(campaign: Campaign): readonly Step[] {
  if (isLast(campaign)) return [{ kind: "finish" }];
  const wave = campaign.wave + 1;
  return [
    { kind: "send-wave", wave },
    { kind: "enter", state: wave === 0 ? "canary" : "sending" },
  ];
}

function isLast(campaign: Campaign): boolean {
  return campaign.wave >= campaign.waves.length - 1;
}

function isExpired(campaign: Campaign, nowMs: number): boolean {
  // Said this way round, a time that is no number is past every end.
  return !(nowMs < campaign.permit.not_after);
}

/** A wave that nothing is known of yet has been sent to nobody. */
function factsOf(campaign: Campaign, facts: readonly WaveFacts[]): WaveFacts {
  const index = campaign.wave;
  const nothing = { index, count: campaign.waves[index]?.count ?? 0, sent: 0, away: 0, settled: 0, updated: 0, failed: 0, offline: 0 };
  return facts.find((wave) => wave.index === index) ?? nothing;
}
