/** A campaign as the management API shows it: what is stored, how far it is, and what it waits for or has in common with others. */
import { RoaringBitmap32 } from "roaring-wasm";
import { type Campaign, CLIMBING_STATES } from "../campaign/campaign.ts";
import { joinedCount } from "../campaign/newcomers.ts";
import { overlapText } from "../campaign/overlap.ts";
import { waitsFor } from "../campaign/plan.ts";
import type { CampaignStore, Observer } from "../campaign/ports.ts";
import type { Clock } from "../trust/clock.ts";
import type { CampaignView } from "./api/views.ts";
import type { LiveView } from "./live-view.ts";

interface ViewPorts {
  readonly campaigns: CampaignStore;
  readonly live: LiveView;
  readonly observer: Observer;
  readonly clock: Clock;
}

export function viewOf(campaign: Campaign, ports: ViewPorts): CampaignView {
  const {
    id,
    state,
    reason,
    author,
    orderedBy,
    signedBy = [],
    createdMs,
    permit,
    command,
    request,
    playbook,
    after,
    hours,
    wave,
    messages,
    signed,
  } = campaign;
  const { live } = ports;
  const waits = waitsNow(campaign, ports);
  return {
    id,
    state,
    ...(reason !== undefined && { reason }),
    ...(waits !== undefined && { waitsFor: waits }),
    author,
    ...(orderedBy !== undefined && { orderedBy }),
    signedBy,
    createdMs,
    notAfterMs: permit.not_after,
    command,
    ...(request.query !== undefined && { query: request.query }),
    ...(playbook !== undefined && { playbook }),
    ...(after !== undefined && { after }),
    ...(hours !== undefined && { hours }),
    ...(permit.newcomers !== undefined && { newcomers: newcomersView(campaign) }),
    wave,
    waves: live.waveFacts(campaign),
    progress: live.counts(campaign),
    messages,
    permit,
    signed,
  };
}

function newcomersView(campaign: Campaign): { readonly joined: number; readonly left: number } {
  const joined = joinedCount(campaign);
  return { joined, left: (campaign.permit.newcomers?.count_max ?? joined) - joined };
}

/** What other campaigns of the tenant have in common with it now: a sentence each. It may be a draft that is not kept. */
export function overlapsOf(campaign: Campaign, cohort: RoaringBitmap32, { live, campaigns }: ViewPorts): readonly string[] {
  const reach = { cohort, sent: new RoaringBitmap32() };
  return live.rivals(campaign, reach, campaigns.list(campaign.tenant)).map((rival) => overlapText(campaign, rival));
}

function waitsNow(campaign: Campaign, { campaigns, observer, clock }: ViewPorts): string | undefined {
  if (!CLIMBING_STATES.includes(campaign.state)) return undefined;
  return waitsFor(campaign, observer.planFacts(campaign, campaigns.list(campaign.tenant)), clock.nowMs());
}
