/**
 * The manager's side of the backplane: who is admitted, which orders there are, and what gateways report. A report is
 * acknowledged after its transaction is on disk, and only then counted; so a kill at any instant loses nothing that
 * was acknowledged, and a report that arrives twice changes no set.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import { broughtBy } from "../campaign/commands/update.ts";
import type { CampaignStore, LedgerAct, OrderRow } from "../campaign/ports.ts";
import type { Admission, GatewayReport, ManagerSide, Order } from "../channel/backplane/port.ts";
import type { Evidence, SentBatch } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import { toBytes } from "./bytes.ts";
import type { Quarantine } from "./quarantine.ts";

interface IntakePorts {
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly tenant: string;
  readonly quarantine: Quarantine;
  /** Called with evidence that is on disk. */
  readonly onCommitted: (evidence: readonly Evidence[], sent: readonly SentBatch[]) => void;
  /** Called with who stands at a gateway that this manager, after a start, found standing. */
  readonly onStanding: (ordinals: RoaringBitmap32) => void;
}

export class Intake implements ManagerSide {
  readonly #ports: IntakePorts;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  admit(deviceId: string): Admission {
    const device = this.#ports.fleet.byId(deviceId);
    if (device === undefined) return { ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" };
    if (device.tenant !== this.#ports.tenant) return { ok: false, reason: "ERR_CHANNEL_OTHER_TENANT" };
    if (this.#ports.quarantine.has(deviceId)) return { ok: false, reason: "ERR_CHANNEL_QUARANTINED" };
    return { ok: true, ordinal: device.ordinal, tenant: device.tenant };
  }

  ordersAfter(seq: number): readonly Order[] {
    return this.#ports.campaigns.ordersAfter(seq).map((row) => this.#order(row));
  }

  commit(batch: readonly GatewayReport[]): void {
    const evidence = batch.flatMap((report) => this.#evidence(report));
    const sent = batch.flatMap((report) => this.#sent(report));
    const caught = batch.flatMap((report) => this.#caught(report));
    this.record(evidence, sent, () => {
      for (const report of batch) this.#settleReport(report);
      for (const act of caught) this.#ports.campaigns.appendLedger(act);
    });
    for (const act of caught) this.#ports.quarantine.note(act);
  }

  /** Commits evidence together with whatever else belongs to the same transaction. */
  record(evidence: readonly Evidence[], sent: readonly SentBatch[] = [], together: () => void = () => {}): void {
    const { campaigns, fleet, onCommitted } = this.#ports;
    campaigns.atomically(() => {
      fleet.addEvidence(evidence, sent);
      fleet.observe(evidence.filter((item) => item.kind === "check-in" || item.kind === "response"));
      together();
    });
    onCommitted(evidence, sent);
  }

  /** A fan-out to millions is told in sets and stays in sets: a row for each device would be what breaks first. */
  #sent(report: GatewayReport): readonly SentBatch[] {
    if (report.kind !== "sent") return [];
    const commandId = this.#ports.campaigns.order(report.seq)?.commandId ?? "";
    return [{ commandId, atMs: report.atMs, ordinals: RoaringBitmap32.deserialize("portable", report.ordinals) }];
  }

  /** Both parts of a gateway that hold one of two clones say so; one line is enough. */
  #caught(report: GatewayReport): readonly LedgerAct[] {
    if (report.kind !== "cloned") return [];
    const device = this.#ports.fleet.byOrdinal(report.ordinal);
    if (device === undefined || this.#ports.quarantine.has(device.id)) return [];
    const detail = { device: device.id, addresses: report.addresses.join(", ") };
    return [{ atMs: report.atMs, actor: "gateway", act: "device.quarantined", detail }];
  }

  #settleReport(report: GatewayReport): void {
    const { campaigns, onStanding } = this.#ports;
    if (report.kind === "standing") onStanding(RoaringBitmap32.deserialize("portable", report.ordinals));
    if (report.kind === "sent") campaigns.markSent(report.seq, RoaringBitmap32.deserialize("portable", report.ordinals));
    if (report.kind === "order-refused") {
      const campaignId = campaigns.order(report.seq)?.campaignId;
      campaigns.appendLedger({
        atMs: report.atMs,
        actor: "gateway",
        act: "order.refused",
        ...(campaignId === undefined ? {} : { campaignId }),
        detail: { seq: report.seq, code: report.code, message: report.message },
      });
    }
  }

  #evidence(report: GatewayReport): readonly Evidence[] {
    const { atMs } = report;
    switch (report.kind) {
      case "connected":
        return [{ kind: "connected", ordinal: report.ordinal, atMs }];
      case "disconnected":
        return [{ kind: "disconnected", ordinal: report.ordinal, atMs, reason: report.reason }];
      case "refused": {
        const device = report.deviceId === undefined ? undefined : this.#ports.fleet.byId(report.deviceId);
        return device === undefined ? [] : [{ kind: "refused", ordinal: device.ordinal, atMs, reason: report.reason }];
      }
      case "check-in": {
        const { checkIn, statement } = report;
        const { software, boot, last_update: lastUpdate, last_command: lastCommand } = checkIn;
        const last = { ...(lastUpdate && { lastUpdate }), ...(lastCommand && { lastCommand }) };
        const said = { boot, software, ...last, ...(statement !== undefined && { statement }) };
        return [{ kind: "check-in", ordinal: report.ordinal, atMs, ...said }];
      }
      case "response": {
        const { "x-swup": swup, "x-iot": iot } = report.response.results ?? {};
        const { status } = report.response;
        return [
          {
            kind: "response",
            ordinal: report.ordinal,
            atMs,
            requestId: report.requestId,
            status,
            ...(swup?.software && { software: swup.software }),
            ...(swup?.last_update && { lastUpdate: swup.last_update }),
            ...(iot?.last_command && { lastCommand: iot.last_command }),
            ...(iot?.processes && { processes: iot.processes.length }),
          },
        ];
      }
      case "unasked-bytes": {
        const commandId = this.#ports.campaigns.order(report.seq)?.commandId ?? "";
        return [{ kind: "unasked", ordinal: report.ordinal, atMs, commandId, bytes: report.bytes }];
      }
      // Evidence about many at once (#sent).
      case "sent":
        return [];
      // Nothing happened to these devices: it is no evidence, only the manager that was away.
      case "standing":
      case "cloned":
      case "order-refused":
        return [];
    }
  }

  #order(row: OrderRow): Order {
    const base = { seq: row.seq, campaignId: row.campaignId };
    if (row.kind === "pause") return { ...base, kind: row.kind };
    if (row.kind !== "send") return { ...base, kind: row.kind, statement: toBytes(row.statement) };
    const campaign = this.#campaign(row.campaignId);
    const brought = row.message === "canary" || row.message === "mass" ? broughtBy(campaign.request) : undefined;
    return {
      ...base,
      kind: "send",
      commandId: row.commandId ?? "",
      frame: toBytes(row.statement),
      permit: toBytes(campaign.signed.permit),
      cohort: this.#ports.campaigns.cohort(row.campaignId).serialize("portable"),
      targets: row.targets ?? new RoaringBitmap32().serialize("portable"),
      sent: this.#ports.campaigns.sent(row.seq).serialize("portable"),
      answers: row.message === "canary" || row.message === "query",
      repeats: row.message !== "query",
      ...(brought && { makes: { ...brought, counter: campaign.releaseCounter ?? 0 } }),
      ...(row.window && { window: row.window }),
      notAfterMs: row.notAfterMs ?? 0,
      ratePerSecond: row.ratePerSecond ?? campaign.permit.rate_max_per_second,
    };
  }

  #campaign(id: string): Campaign {
    const campaign = this.#ports.campaigns.get(id);
    if (campaign === undefined) throw new Error(`an order names the campaign ${id}, which the store does not have`);
    return campaign;
  }
}
