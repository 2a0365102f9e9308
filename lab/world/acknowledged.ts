/** What gateways were told is committed, held against the stores whenever a manager begins again: nothing of it may be missing. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { GatewayReport } from "../../src/channel/backplane/port.ts";
import type { SimManager } from "./sim-manager.ts";
import { must } from "./violation.ts";

export class Acknowledged {
  readonly #sent = new Map<number, RoaringBitmap32>();
  /** ordinal -> when its newest check-in was heard. ms since the epoch */
  readonly #checkIns = new Map<number, number>();

  acknowledged(batch: readonly GatewayReport[]): void {
    for (const report of batch) {
      if (report.kind === "check-in") this.#checkIns.set(report.ordinal, report.atMs);
      if (report.kind !== "sent") continue;
      const sent = this.#sent.get(report.seq) ?? new RoaringBitmap32();
      sent.orInPlace(RoaringBitmap32.deserialize("portable", report.ordinals));
      this.#sent.set(report.seq, sent);
    }
  }

  check({ campaigns, fleet }: SimManager): void {
    for (const [seq, sent] of this.#sent) {
      const isKept = sent.isSubset(campaigns.sent(seq));
      must(isKept, "acknowledged means durable", () => `of order ${seq} the store forgot devices that were reported as sent to`);
    }
    const kept = new Map<number, number>();
    for (const { kind, ordinal, atMs } of fleet.evidence(new RoaringBitmap32(this.#checkIns.keys()), 0)) {
      if (kind === "check-in") kept.set(ordinal, Math.max(atMs, kept.get(ordinal) ?? 0));
    }
    for (const [ordinal, atMs] of this.#checkIns) {
      must(atMs <= (kept.get(ordinal) ?? 0), "acknowledged means durable", () => `the store forgot a check-in of device ${ordinal}`);
    }
  }
}
