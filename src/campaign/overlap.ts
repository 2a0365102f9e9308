/**
 * Which of several campaigns for one software goes first where their cohorts overlap: pure and total. A device is in one campaign at a time:
 * the newer release before the older, then the higher priority, then the one that was drafted first; the others begin no wave
 * meanwhile. What a newer release will bring to every device that an older one has still to reach, the older one does not bring at all.
 */
import { type Campaign, type CampaignState, CLIMBING_STATES } from "./campaign.ts";
import { isJoining } from "./newcomers.ts";

/** Another campaign of the same tenant and software, with devices in common. */
export interface Rival {
  readonly campaign: Pick<Campaign, "id" | "state" | "after" | "createdMs" | "priority" | "releaseCounter" | "request" | "permit">;
  /** Devices in both cohorts. */
  readonly common: number;
  /** Everybody whom the rival was not sent to yet is in this campaign's cohort. */
  readonly isWithin: boolean;
  /** Everybody whom this campaign was not sent to yet is in the rival's cohort. */
  readonly isAround: boolean;
}

type Ranked = Rival["campaign"];
type First = Pick<Campaign, "id" | "state" | "wave" | "waves">;

/** It would still send, by itself or when people resume it. */
const UNFINISHED: ReadonlySet<CampaignState> = new Set([...CLIMBING_STATES, "paused", "halted", "stopped", "done"]);
/** It keeps the devices that it has. One that was halted or stopped does not: another may be their remedy. */
const KEEPING: ReadonlySet<CampaignState> = new Set([...CLIMBING_STATES, "paused", "done"]);
/** What it sends is not known to be bad. */
const SOUND: ReadonlySet<CampaignState> = new Set(["canary", "soaking", "sending", "done"]);

/** The campaigns that are over for good once this one begins. */
export function supersededBy(campaign: Ranked, rivals: readonly Rival[]): readonly Rival[] {
  return rivals.filter(({ campaign: other, isWithin }) => isWithin && UNFINISHED.has(other.state) && isNewer(campaign, other));
}

/** The newer campaign, begun already, that leaves this one nothing to do. A halted one does not: the older release may be the remedy. */
export function supersederOf(campaign: Ranked, rivals: readonly Rival[]): Rival | undefined {
  return rivals.find(({ campaign: other, isAround }) => isAround && SOUND.has(other.state) && isNewer(other, campaign));
}

/** The campaign that this one lets go first. */
export function firstBefore(campaign: Ranked, rivals: readonly Rival[], nowMs: number): Rival | undefined {
  return rivals.find(({ campaign: other }) => isUnderWay(other, nowMs) && goesBefore(other, campaign));
}

/** Why this one may not begin yet although nothing overlaps: it comes after another, whose waves were all found well when it is done. */
export function firstToBeDone({ after }: Pick<Campaign, "after">, all: readonly First[]): string | undefined {
  if (after === undefined) return undefined;
  const first = all.find(({ id }) => id === after);
  const state = first !== undefined && isJoining(first) ? "done" : first?.state;
  return state === "done" ? undefined : `campaign ${after} has to be done first, and it is ${state ?? "not there"}`;
}

/** Whether devices of the other campaign are none of this one's newcomers: they have, or will get, a release that is no older. */
export function keepsDevices(other: Ranked, campaign: Ranked): boolean {
  return KEEPING.has(other.state) && !isNewer(campaign, other);
}

/** Whether devices that appear join the other campaign, where they match both. One that has not begun may not begin for weeks. */
export function takesNewcomers(other: Ranked, campaign: Ranked): boolean {
  const hasBegun = KEEPING.has(other.state) && other.state !== "approved";
  return other.permit.newcomers !== undefined && hasBegun && goesBefore(other, campaign);
}

/** What whoever is about to sign should know of each. */
export function overlapText(campaign: Ranked, rival: Rival): string {
  const { campaign: other, common } = rival;
  const is = `${common} devices are in ${other.id} too (${other.request.newVersion}, ${other.state}):`;
  if (supersededBy(campaign, [rival]).length > 0) return `${is} this one supersedes it, it sends nothing more`;
  if (supersederOf(campaign, [rival]) !== undefined) return `${is} it supersedes this one, which will send nothing`;
  if (other.state === "done" && other.permit.newcomers !== undefined)
    return `${is} it sends to devices that appear later, and to no others`;
  if (!CLIMBING_STATES.includes(other.state)) return `${is} it sends no further wave`;
  return goesBefore(other, campaign) ? `${is} it goes first` : `${is} this one goes first, it waits`;
}

/** One that comes after another is under way only when it has begun, or two could wait for one another. */
function isUnderWay({ state, after, permit }: Ranked, nowMs: number): boolean {
  return CLIMBING_STATES.includes(state) && nowMs >= permit.not_before && (state !== "approved" || after === undefined);
}

function isNewer(one: Ranked, other: Ranked): boolean {
  return (one.releaseCounter ?? 0) > (other.releaseCounter ?? 0);
}

/** A total order, so that no two campaigns wait for one another. */
function goesBefore(one: Ranked, other: Ranked): boolean {
  const difference =
    (one.releaseCounter ?? 0) - (other.releaseCounter ?? 0) ||
    (one.priority ?? 0) - (other.priority ?? 0) ||
    other.createdMs - one.createdMs;
  return difference === 0 ? one.id < other.id : difference > 0;
}
