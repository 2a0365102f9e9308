/**
 * Identities that two live devices used at once: kept out until a person decides. The ledger is the record of it, so it is what
 * this is read from after a start; a line in it is both the evidence and the state.
 */
import type { LedgerAct } from "../campaign/ports.ts";

export class Quarantine {
  readonly #devices = new Set<string>();

  constructor(ledger: Iterable<LedgerAct>) {
    for (const line of ledger) this.note(line);
  }

  /** Device ids, in the order in which they were caught. */
  get devices(): readonly string[] {
    return [...this.#devices];
  }

  has(deviceId: string): boolean {
    return this.#devices.has(deviceId);
  }

  /** A line of the ledger, after it was committed. */
  note({ act, detail }: LedgerAct): void {
    const device = String(detail?.["device"]);
    if (act === "device.quarantined") this.#devices.add(device);
    if (act === "device.released") this.#devices.delete(device);
  }

  /** After the lines that say so were committed. */
  release(deviceIds: readonly string[]): void {
    for (const id of deviceIds) this.#devices.delete(id);
  }
}
