/** A campaign: one OpenC2 command to one frozen cohort, in waves, under one permit. */
import type { Command } from "../openc2/model.ts";
import type { CohortRequest } from "../fleet/cohort.ts";
import type { Hours } from "./hours.ts";
import type { Permit } from "../trust/permit.ts";
import type { Overrides } from "./policy.ts";

export const CAMPAIGN_STATES = [
  "draft",
  "approved",
  "canary",
  "soaking",
  "sending",
  "paused",
  "halted",
  "stopped",
  "cancelled",
  "done",
  "expired",
] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** It has waves to send, and nothing holds it. */
export const CLIMBING_STATES: readonly CampaignState[] = ["approved", "canary", "soaking", "sending"];

/** How a campaign climbs. Wave 0 is the canary and asks for responses; the others are sent with `none`. */
export interface Ladder {
  readonly canaryCount: number;
  /** A wave holds at most this many times the one before. */
  readonly growth: number;
  /** Shortest time between the end of one wave and the next, after the devices of the wave had `spread` to start. ms */
  readonly soakMs: number;
  /** A wave is also over when this share of those sent to (0..1) has come back or answered. */
  readonly settledShare: number;
  /** Longest wait for a wave to settle before its halt rules decide. ms */
  readonly settleMaxMs: number;
  /** A device without a channel for longer counts as lost. ms */
  readonly lostAfterMs: number;
  /** Devices that are held back to the end, so that the others can be compared with them: the last wave. */
  readonly controlCount: number;
  /** Devices of one region, or of one hardware revision, in one wave at the most. Absent means any number. */
  readonly regionCountMax?: number;
  readonly hardwareCountMax?: number;
}

export interface Wave {
  readonly index: number;
  /** How many devices belong to it. */
  readonly count: number;
  /** The control group. */
  readonly isControl?: true;
  /** Devices that appeared after the draft: not of the cohort. */
  readonly isJoined?: true;
}

/** The three OpenC2 messages of a campaign, base64url of the exact bytes that are signed. */
export interface CampaignMessages {
  /** The command with response_requested complete, for wave 0. */
  readonly canary: string;
  /** The command with response_requested none, for every other wave. */
  readonly mass: string;
  /** `query`, response_requested complete, for the after-action. */
  readonly query: string;
}

export interface Campaign {
  readonly id: string;
  readonly tenant: string;
  readonly state: CampaignState;
  readonly createdMs: number;
  readonly author: string;
  /** The OpenC2 producer whose command it was drafted from. Absent when the author wrote the command. */
  readonly orderedBy?: string;
  /** The mass command, for people to read. */
  readonly command: Command;
  readonly request: CohortRequest;
  /** The manufacturer's counter of the new version: the higher, the newer. Absent where there is none, and from before it was kept. */
  readonly releaseCounter?: number;
  /** Why the author overrode what the policy says against it. */
  readonly overrides?: Overrides;
  /** The playbook that it is a step of: the name under which people sign and stop its steps together. */
  readonly playbook?: string;
  /** Another campaign, of whatever software, that has to be done before this one begins a wave. */
  readonly after?: string;
  /** Where cohorts overlap the higher goes first; absent is 0. */
  readonly priority?: number;
  /** Sent only in these hours of a device's own day. Absent means at any time. */
  readonly hours?: Hours;
  readonly ladder: Ladder;
  readonly waves: readonly Wave[];
  /** Devices of the cohort, and those that joined. */
  readonly targeted: number;
  readonly messages: CampaignMessages;
  readonly permit: Permit;
  /** Command ids of the three messages. */
  readonly commandIds: { readonly canary: string; readonly mass: string; readonly query: string };
  /** JWS (general JSON serialisation) texts, growing with each signature: the frames once complete. */
  readonly signed: { readonly canary: string; readonly mass: string; readonly query: string; readonly permit: string };
  /** Whose signatures stand on all four, in the order of signing. Absent before the first. */
  readonly signedBy?: readonly string[];
  /** Highest wave ordered so far, -1 before the first. */
  readonly wave: number;
  /** ms since the epoch when the current wave was ordered. */
  readonly waveAtMs: number;
  /** ms since the epoch; present once the current wave was found healthy. */
  readonly soakingSinceMs?: number;
  /** ms since the epoch when it was last paused, halted or stopped: a statement that resumes it must be newer. */
  readonly heldMs?: number;
  /** ms since the epoch when people last let it go on: a wave's time limit starts anew, because no sending happened before. */
  readonly resumedMs?: number;
  /** The wave whose halt was overruled by a signed resume; its halt rules do not fire again. */
  readonly waivedWave?: number;
  /** Why it is halted, paused, stopped or cancelled. */
  readonly reason?: string;
}
