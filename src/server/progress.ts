/**
 * Live counts of one campaign, folded from evidence as it is committed. After a restart the same evidence, read back from
 * the store, gives the same counts. It concludes nothing: verdicts are the after-action's.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { WaveFacts } from "../campaign/plan-types.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { InstalledSoftware, LastUpdate } from "../openc2/profiles/x-swup/model.ts";

/** Numbers of devices; `unaskedBytes` is of bytes. */
export interface ProgressCounts {
  readonly targeted: number;
  readonly sent: number;
  readonly fetched: number;
  readonly back: number;
  readonly updated: number;
  readonly failed: number;
  readonly away: number;
  readonly unaskedBytes: number;
}

export class Progress {
  readonly #cohort: RoaringBitmap32;
  readonly #commandIds: ReadonlySet<string>;
  readonly #newVersion: string;
  readonly #sent = new RoaringBitmap32();
  readonly #fetched = new RoaringBitmap32();
  readonly #away = new RoaringBitmap32();
  readonly #updated = new RoaringBitmap32();
  readonly #failed = new RoaringBitmap32();
  #unaskedBytes = 0;

  constructor(campaign: Campaign, cohort: RoaringBitmap32) {
    this.#cohort = cohort;
    this.#commandIds = new Set([campaign.commandIds.canary, campaign.commandIds.mass]);
    this.#newVersion = campaign.request.newVersion;
  }

  note(evidence: Evidence): void {
    const { ordinal } = evidence;
    if (!this.#cohort.has(ordinal)) return;
    switch (evidence.kind) {
      case "sent":
        if (this.#commandIds.has(evidence.commandId)) this.#sent.add(ordinal);
        return;
      case "connected":
        this.#away.remove(ordinal);
        return;
      case "disconnected":
        if (this.#sent.has(ordinal)) this.#away.add(ordinal);
        return;
      case "download":
        if (evidence.complete) this.#fetched.add(ordinal);
        return;
      case "check-in":
      case "response":
        this.#settle(ordinal, evidence.software, evidence.lastUpdate);
        return;
      case "unasked":
        this.#unaskedBytes += evidence.bytes;
        return;
      case "refused":
        return;
      default:
        evidence satisfies never;
    }
  }

  counts(): ProgressCounts {
    return {
      targeted: this.#cohort.size,
      sent: this.#sent.size,
      fetched: this.#fetched.size,
      back: this.#settled().size,
      updated: this.#updated.size,
      failed: this.#failed.size,
      away: this.#away.size,
      unaskedBytes: this.#unaskedBytes,
    };
  }

  waveFacts(waves: readonly RoaringBitmap32[], connected: RoaringBitmap32): readonly WaveFacts[] {
    const settled = this.#settled();
    return waves.map((wave, index) => {
      const unsent = RoaringBitmap32.andNot(wave, this.#sent);
      return {
        index,
        count: wave.size,
        sent: wave.andCardinality(this.#sent),
        away: wave.andCardinality(this.#away),
        settled: wave.andCardinality(settled),
        updated: wave.andCardinality(this.#updated),
        failed: wave.andCardinality(this.#failed),
        offline: unsent.size - unsent.andCardinality(connected),
      };
    });
  }

  #settled(): RoaringBitmap32 {
    return RoaringBitmap32.or(this.#updated, this.#failed);
  }

  #settle(ordinal: number, software: InstalledSoftware | undefined, last: LastUpdate | undefined): void {
    // A device that names our command was sent it, also when the mark of that was lost with a gateway.
    const isOurs = last !== undefined && this.#commandIds.has(last.command_id);
    if (!isOurs && !this.#sent.has(ordinal)) return;
    if (software?.version === this.#newVersion) {
      this.#updated.add(ordinal);
      this.#failed.remove(ordinal);
    } else if (isOurs && (last.state === "failed" || last.state === "rolled_back" || last.state === "cancelled")) {
      this.#failed.add(ordinal);
    }
  }
}
