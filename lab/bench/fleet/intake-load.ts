/** What gateways tell the manager, committed as they tell it: check-ins of devices from everywhere, and who was sent to. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { CampaignStore } from "../../../src/campaign/ports.ts";
import type { GatewayReport } from "../../../src/channel/backplane/port.ts";
import type { FleetStore } from "../../../src/fleet/store.ts";
import { Intake } from "../../../src/server/intake.ts";
import { Quarantine } from "../../../src/server/quarantine.ts";
import { round } from "../support/statistics.ts";
import { mix, NEW_VERSION, TENANT, versionOf } from "./devices.ts";
import { rates, type Spent, spentOn } from "./spent.ts";

/** Check-ins of one transaction, with its fsync. */
const BATCH = 5_000;
const BATCHES = 100;
/** One check-in in so many brings another version than the device had. */
const ONE_IS_NEWS = 10;
/** Reports of one fan-out. */
const MARKS = 100;

interface LoadOptions {
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly devices: number;
  /** Moves what is only in the database's log to where it belongs: work that a batch has caused and not yet done. */
  readonly writeBack: () => void;
}

export class IntakeLoad {
  readonly #intake: Intake;
  readonly #devices: number;
  readonly #writeBack: () => void;
  readonly #updated = new RoaringBitmap32();

  constructor({ fleet, campaigns, devices, writeBack }: LoadOptions) {
    campaigns.addOrder({ campaignId: "bench", kind: "send", message: "mass", commandId: "bench", statement: "{}", atMs: Date.now() });
    const quarantine = new Quarantine(campaigns.ledger());
    this.#intake = new Intake({ fleet, campaigns, quarantine, tenant: TENANT, onCommitted: () => {}, onStanding: () => {} });
    this.#devices = devices;
    this.#writeBack = writeBack;
  }

  /** The first time that a device is seen it also says its digest, which the import did not, so its row changes; later only with news. */
  checkIns() {
    const batches = Array.from({ length: BATCHES }, (_, batch) => {
      const reports = Array.from({ length: BATCH }, (_report, index) => this.#checkIn(batch * BATCH + index));
      return this.#commit(reports);
    });
    const longestBatchMs = round(Math.max(...batches.map(({ ms }) => ms)), 1);
    return { ...rates(BATCH * BATCHES, [...batches, spentOn(this.#writeBack)]), longestBatchMs };
  }

  /** A fan-out to the whole cohort, told in so many reports, each of devices from everywhere. */
  marks(cohort: RoaringBitmap32) {
    const parts = Array.from({ length: MARKS }, (): number[] => []);
    for (const ordinal of cohort.toUint32Array()) parts[mix(ordinal) % MARKS]?.push(ordinal);
    const reports = parts.map((part) => {
      const ordinals = RoaringBitmap32.from(Uint32Array.from(part)).serialize("portable");
      return this.#commit([{ kind: "sent", seq: 1, atMs: Date.now(), ordinals }]);
    });
    return { reports: MARKS, ...rates(cohort.size, [...reports, spentOn(this.#writeBack)]) };
  }

  #checkIn(index: number): GatewayReport {
    const ordinal = mix(index) % this.#devices;
    // Another salt than the ordinal's: at every size the same share brings news.
    const isNews = mix(index ^ 0x5bd1e995) % ONE_IS_NEWS === 0;
    if (isNews && !this.#updated.delete(ordinal)) this.#updated.add(ordinal);
    const version = this.#updated.has(ordinal) ? NEW_VERSION : versionOf(ordinal);
    const software = { vendor: "maker-7", name: "model-27", version, hashes: { sha256: "AB".repeat(32) } };
    return { kind: "check-in", ordinal, atMs: Date.now(), checkIn: { boot: 1, slot: "a", seen: [], software } };
  }

  #commit(reports: readonly GatewayReport[]): Spent {
    return spentOn(() => this.#intake.commit(reports));
  }
}
