/** What the management API shows: plain JSON, made from stored records for people and scripts. */
import type { Campaign } from "../../campaign/campaign.ts";
import type { DryRun } from "../../campaign/dry-run.ts";
import type { Finding } from "../../campaign/policy.ts";
import type { WaveFacts } from "../../campaign/plan-types.ts";
import type { ProgressCounts } from "../progress.ts";

export interface CampaignView {
  readonly id: string;
  readonly state: Campaign["state"];
  readonly reason?: string;
  /** Why its next wave does not begin although it is well. */
  readonly waitsFor?: string;
  readonly author: string;
  readonly orderedBy?: string;
  readonly signedBy: readonly string[];
  readonly createdMs: number;
  readonly notAfterMs: number;
  readonly command: Campaign["command"];
  /** What selects its devices, beside vendor, model and versions of an update. */
  readonly query?: string;
  /** The playbook that it is a step of. */
  readonly playbook?: string;
  /** The campaign that has to be done first. */
  readonly after?: string;
  /** Sent only in these hours of a device's own day. */
  readonly hours?: NonNullable<Campaign["hours"]>;
  /** Where devices that appear later may join: how many did, and how many more may until it ends. */
  readonly newcomers?: { readonly joined: number; readonly left: number };
  readonly wave: number;
  readonly waves: readonly WaveFacts[];
  readonly progress: ProgressCounts;
  /** What a signer signs: base64url of the exact bytes, and the signatures so far. */
  readonly messages: Campaign["messages"];
  readonly permit: Campaign["permit"];
  readonly signed: Campaign["signed"];
}

export interface DraftView {
  readonly dryRun: DryRun;
  /** What the policy says against it; overridden or not. */
  readonly policy: readonly Finding[];
  /** Other campaigns with devices in common, and what becomes of them or of this one: a sentence each. */
  readonly overlaps: readonly string[];
  /** Absent when only a dry run was asked for. */
  readonly campaign?: CampaignView;
}

export interface PlaybookDraftView {
  readonly playbook: string;
  readonly steps: readonly DraftView[];
}

export interface StatusView {
  readonly tenant: string;
  readonly devices: number;
  readonly connected: number;
  readonly gateway: { readonly port: number };
  readonly depot: { readonly port: number };
  readonly campaigns: readonly { readonly id: string; readonly state: Campaign["state"]; readonly progress: ProgressCounts }[];
}
