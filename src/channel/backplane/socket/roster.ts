/**
 * Which part holds which device: what the manager's end knows beyond what it commits. The parts share one port, and the kernel
 * gives a device that returns to any of them; so a part's "it has gone" is believed only while no other part holds the device.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { GatewayReport } from "../port.ts";

export interface Part {
  readonly tellElsewhere: (ordinal: number) => void;
}

export class Roster {
  readonly #standing = new Map<Part, RoaringBitmap32>();

  join(part: Part): void {
    this.#standing.set(part, new RoaringBitmap32());
  }

  /** Those who stood at that part and nowhere else, ascending. */
  leave(part: Part): readonly number[] {
    const left = this.#standing.get(part)?.toArray() ?? [];
    this.#standing.get(part)?.dispose();
    this.#standing.delete(part);
    return left;
  }

  /** What of this batch is to be committed: not the end of a connection whose device stands at another part. */
  believed(part: Part, batch: readonly GatewayReport[]): readonly GatewayReport[] {
    return batch.filter((report) => report.kind !== "disconnected" || !this.#isElsewhere(part, report.ordinal));
  }

  /** After the commit. */
  note(part: Part, batch: readonly GatewayReport[]): void {
    const standing = this.#standing.get(part);
    if (standing === undefined) return;
    for (const report of batch) {
      if (report.kind === "connected") this.#come(part, standing, report.ordinal);
      if (report.kind === "disconnected") standing.remove(report.ordinal);
      // The older of two that are alive has been closed here; the newer one is to be asked, and closed, where it stands.
      if (report.kind === "cloned") this.#tellOthers(part, report.ordinal);
      if (report.kind === "standing") standing.orInPlace(RoaringBitmap32.deserialize("portable", report.ordinals));
    }
  }

  #come(part: Part, standing: RoaringBitmap32, ordinal: number): void {
    standing.add(ordinal);
    this.#tellOthers(part, ordinal);
  }

  #tellOthers(part: Part, ordinal: number): void {
    for (const [other, theirs] of this.#standing) {
      if (other !== part && theirs.delete(ordinal)) other.tellElsewhere(ordinal);
    }
  }

  #isElsewhere(part: Part, ordinal: number): boolean {
    for (const [other, theirs] of this.#standing) if (other !== part && theirs.has(ordinal)) return true;
    return false;
  }
}
