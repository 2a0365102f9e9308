/** The after-action of a campaign: gathers evidence, has it judged, writes the verdicts into the fleet, and gives report, rows and export. */
import { RoaringBitmap32 } from "roaring-wasm";
import { toLedgerLine } from "../campaign/ledger-lines.ts";
import {
  byDevice,
  type CaseFile,
  contextOf,
  type DeviceRow,
  type ExportPart,
  isUncertain,
  judgeAll,
  type JudgeContext,
  type Report,
  ReportBuilder,
  signatureCheck,
  type StatementChecker,
  toLine,
  ledgerFacts,
} from "../after-action/index.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { membersOf } from "../campaign/newcomers.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import type { FleetStore } from "../fleet/store.ts";
import { type StoredVerdict, type VerdictCounts, VERDICTS } from "../fleet/verdict.ts";
import type { Clock } from "../trust/clock.ts";
import { RETURN_WINDOW_MS, VERDICTS_PER_COMMIT } from "./limits.ts";

interface ReportPorts {
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly clock: Clock;
}

export interface ReportRequest {
  /** As of when; default: now. ms since the epoch */
  readonly atMs?: number | undefined;
  /** Has the signatures of devices verified. */
  readonly statements?: StatementChecker | undefined;
}

export interface CountsView {
  readonly id: string;
  readonly targeted: number;
  readonly verdicts: VerdictCounts;
  /** When they were last judged; absent when that was before the server was started. ms since the epoch */
  readonly judgedMs?: number;
}

export class Reports {
  readonly #ports: ReportPorts;
  /** By campaign. ms since the epoch */
  readonly #judgedMs = new Map<string, number>();

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  async report(campaign: Campaign, request: ReportRequest = {}): Promise<Report> {
    const judging = this.#judging(campaign, request);
    // A look into the past changes nothing that the next plan reads.
    const isNow = request.atMs === undefined;
    const keep = (verdicts: readonly StoredVerdict[]) => {
      if (isNow) this.#ports.fleet.putVerdicts(campaign.id, verdicts);
    };
    let batch: StoredVerdict[] = [];
    for await (const row of judging.rows) {
      if (batch.push(row) < VERDICTS_PER_COMMIT) continue;
      keep(batch);
      batch = [];
    }
    keep(batch);
    if (isNow) this.#judgedMs.set(campaign.id, judging.nowMs);
    return judging.builder.finish(signatureCheck(request.statements));
  }

  /** Every targeted device, ascending by ordinal, as they are judged. */
  rows(campaign: Campaign, request: ReportRequest = {}): { readonly nowMs: number; readonly rows: AsyncIterable<DeviceRow> } {
    return this.#judging(campaign, request);
  }

  /** As they were kept when it was last judged. Judges it when it never was. */
  async counts(campaign: Campaign): Promise<CountsView> {
    const { id, targeted } = campaign;
    const kept = this.#ports.fleet.verdictCounts(id);
    const isWhole = VERDICTS.reduce((sum, verdict) => sum + kept[verdict], 0) === targeted;
    const verdicts = isWhole ? kept : (await this.report(campaign)).verdicts;
    const judgedMs = this.#judgedMs.get(id);
    return { id, targeted, verdicts, ...(judgedMs !== undefined && { judgedMs }) };
  }

  /** Those whose verdict an answer could change, as they were last judged. */
  uncertain({ id }: Campaign): RoaringBitmap32 {
    return RoaringBitmap32.orMany(VERDICTS.filter(isUncertain).map((verdict) => this.#ports.fleet.devicesWith(id, verdict)));
  }

  context(campaign: Campaign, nowMs: number): JudgeContext {
    return contextOf(this.#file(campaign, nowMs), nowMs, RETURN_WINDOW_MS);
  }

  *exported(campaign: Campaign, part: ExportPart): Iterable<string> {
    const { fleet, campaigns } = this.#ports;
    switch (part) {
      case "campaign":
        yield toLine(campaign);
        return;
      case "cohort":
        yield toLine({ base64: campaigns.cohort(campaign.id).serialize("portable").toBase64() });
        return;
      case "orders":
        for (const { targets: _set, ...order } of this.#orders(campaign)) yield toLine(order);
        return;
      case "ledger":
        for (const entry of campaigns.ledger()) yield `${toLedgerLine(entry)}\n`;
        return;
      case "devices":
        for (const device of fleet.devices(membersOf(campaigns, campaign))) yield toLine(device);
        return;
      case "evidence":
        for (const item of fleet.evidence(membersOf(campaigns, campaign), 0)) yield toLine(item);
        return;
    }
  }

  /** Evidence from before the decision counts too: a later boot is seen only against an earlier one. */
  #judging(campaign: Campaign, { atMs, statements }: ReportRequest) {
    const { fleet, campaigns, clock } = this.#ports;
    const nowMs = atMs ?? clock.nowMs();
    const file = this.#file(campaign, nowMs);
    const context = contextOf(file, nowMs, RETURN_WINDOW_MS);
    const builder = new ReportBuilder(file, context);
    const members = membersOf(campaigns, campaign);
    const cases = byDevice(fleet.devices(members), fleet.evidence(members, 0));
    return { nowMs, builder, rows: judgeAll(builder, cases, context, { statements, pause: () => Bun.sleep(0) }) };
  }

  #file(campaign: Campaign, nowMs: number): CaseFile {
    const ledger = ledgerFacts(this.#ports.campaigns.ledger(), campaign.id, nowMs);
    return { campaign, orders: this.#orders(campaign), ledger };
  }

  #orders({ id }: Campaign) {
    const { campaigns } = this.#ports;
    return campaigns
      .ordersAfter(0)
      .filter(({ campaignId }) => campaignId === id)
      .map((order) => ({ ...order, sent: order.kind === "send" ? campaigns.sent(order.seq).size : 0 }));
  }
}
