/** The after-action of a campaign: gathers evidence, has it judged, writes the verdicts into the fleet, renders the report. */
import type { RoaringBitmap32 } from "roaring-wasm";
import {
  buildReport,
  judge,
  type JudgeContext,
  type Report,
  renderCsv,
  renderHtml,
  renderTerminal,
  uncertain,
} from "../after-action/index.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { StoredVerdict } from "../fleet/verdict.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import type { Clock } from "../trust/clock.ts";
import { RETURN_WINDOW_MS } from "./limits.ts";
import type { LiveView } from "./live-view.ts";

export type ReportFormat = "json" | "html" | "csv" | "text";

interface ReportPorts {
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly live: LiveView;
  readonly clock: Clock;
}

export class Reports {
  readonly #ports: ReportPorts;

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  /** Ordinals of connected devices that deserve to be asked. */
  uncertain(campaign: Campaign, connected: RoaringBitmap32): readonly number[] {
    return uncertain(this.#judge(campaign), connected);
  }

  render(campaign: Campaign, format: ReportFormat, columns: number): string {
    const report = this.#report(campaign);
    switch (format) {
      case "json":
        return JSON.stringify(report);
      case "html":
        return renderHtml(report);
      case "csv":
        return renderCsv(report);
      case "text":
        return renderTerminal(report, { columns });
    }
  }

  #report(campaign: Campaign): Report {
    const { fleet, campaigns, live, clock } = this.#ports;
    const cohort = campaigns.cohort(campaign.id);
    const verdicts = this.#judge(campaign);
    fleet.putVerdicts(campaign.id, verdicts);
    const ledger = [...campaigns.ledger()];
    const head = ledger.at(-1);
    return buildReport({
      campaign,
      targets: fleet.devices(cohort),
      verdicts,
      evidence: fleet.evidence(cohort, 0),
      sha256: releaseDigest(campaign),
      upstreamBytesForNone: live.counts(campaign).unaskedBytes,
      signers: campaign.signedBy ?? [],
      decidedMs: this.#decidedMs(campaign),
      nowMs: clock.nowMs(),
      waves: this.#waves(campaign),
      ...(head !== undefined && { ledgerHead: { seq: head.seq, hash: head.hash } }),
    });
  }

  #waves(campaign: Campaign): readonly { index: number; orderedMs: number; sent: number }[] {
    const facts = this.#ports.live.waveFacts(campaign);
    return this.#ports.campaigns
      .ordersAfter(0)
      .filter(({ campaignId, wave }) => campaignId === campaign.id && wave !== undefined)
      .map(({ wave = 0, atMs }) => ({ index: wave, orderedMs: atMs, sent: facts[wave]?.sent ?? 0 }));
  }

  /** Evidence from before the decision counts too: a later boot is seen only against an earlier one. */
  #judge(campaign: Campaign): readonly StoredVerdict[] {
    const cohort = this.#ports.campaigns.cohort(campaign.id);
    const byOrdinal = new Map<number, Evidence[]>();
    for (const item of this.#ports.fleet.evidence(cohort, 0)) {
      const known = byOrdinal.get(item.ordinal);
      if (known === undefined) byOrdinal.set(item.ordinal, [item]);
      else known.push(item);
    }
    const context = this.#context(campaign);
    return cohort.toArray().map((ordinal) => judge({ ordinal }, byOrdinal.get(ordinal) ?? [], context));
  }

  #context(campaign: Campaign): JudgeContext {
    const { commandIds, request } = campaign;
    return {
      updateCommandIds: [commandIds.mass, commandIds.canary],
      queryCommandId: commandIds.query,
      ...(request.oldVersion !== undefined && { oldVersion: request.oldVersion }),
      newVersion: request.newVersion,
      sha256: releaseDigest(campaign),
      decidedMs: this.#decidedMs(campaign),
      nowMs: this.#ports.clock.nowMs(),
      returnWindowMs: RETURN_WINDOW_MS,
    };
  }

  /** When the last needed signature came in; a draft is not decided, so nothing after now is looked for. */
  #decidedMs(campaign: Campaign): number {
    for (const { act, campaignId, atMs } of this.#ports.campaigns.ledger()) {
      if (campaignId === campaign.id && act === "campaign.approved") return atMs;
    }
    return this.#ports.clock.nowMs();
  }
}

function releaseDigest({ command }: Campaign): string {
  const { [SOFTWARE_TARGET]: software } = command.target as { [SOFTWARE_TARGET]?: Software };
  return software?.hashes?.sha256 ?? "";
}
