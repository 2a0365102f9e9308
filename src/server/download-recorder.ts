/** Turns the depot's download records into evidence. Many share one transaction, for they come by the thousand. */
import type { DownloadRecord } from "../depot/server.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { DeltaBook } from "./delta-book.ts";
import type { DepotWatch } from "./depot-watch.ts";
import type { Intake } from "./intake.ts";
import { COMMIT_DELAY_MS } from "./limits.ts";

type Download = Extract<Evidence, { readonly kind: "download" }>;

interface RecorderPorts {
  readonly intake: Pick<Intake, "record">;
  readonly fleet: Pick<FleetStore, "byId">;
  readonly watch: Pick<DepotWatch, "fetched">;
  readonly deltas: DeltaBook;
}

export class DownloadRecorder {
  readonly #ports: RecorderPorts;
  #waiting: Download[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
  }

  add({ deviceId, sha256, bytes, complete, atMs }: DownloadRecord): void {
    const device = this.#ports.fleet.byId(deviceId);
    if (device === undefined) return;
    this.#ports.watch.fetched(device.region, bytes);
    this.#waiting.push({ kind: "download", ordinal: device.ordinal, atMs, sha256, bytes, complete });
    this.#timer ??= setTimeout(() => void this.flush(), COMMIT_DELAY_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    const evidence: Download[] = [];
    for (const item of waiting) {
      const makes = await this.#ports.deltas.imageOf(item.sha256);
      evidence.push(makes === undefined ? item : { ...item, makes });
    }
    if (evidence.length > 0) this.#ports.intake.record(evidence);
  }
}
