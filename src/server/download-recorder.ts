/** Turns the depot's download records into evidence. Many share one transaction, for they come by the thousand. */
import type { DownloadRecord } from "../depot/server.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { DepotWatch } from "./depot-watch.ts";
import type { Intake } from "./intake.ts";
import { COMMIT_DELAY_MS } from "./limits.ts";

export class DownloadRecorder {
  readonly #intake: Intake;
  readonly #fleet: FleetStore;
  readonly #watch: Pick<DepotWatch, "fetched">;
  #waiting: Evidence[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(intake: Intake, fleet: FleetStore, watch: Pick<DepotWatch, "fetched">) {
    this.#intake = intake;
    this.#fleet = fleet;
    this.#watch = watch;
  }

  add({ deviceId, sha256, bytes, complete, atMs }: DownloadRecord): void {
    const device = this.#fleet.byId(deviceId);
    if (device === undefined) return;
    this.#watch.fetched(device.region, bytes);
    this.#waiting.push({ kind: "download", ordinal: device.ordinal, atMs, sha256, bytes, complete });
    this.#timer ??= setTimeout(() => this.flush(), COMMIT_DELAY_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const evidence = this.#waiting;
    this.#waiting = [];
    if (evidence.length > 0) this.#intake.record(evidence);
  }
}
