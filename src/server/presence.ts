/** Which devices have a standing channel right now: live knowledge, empty after a start, refilled as they come back. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Evidence } from "../fleet/evidence.ts";

export class Presence {
  readonly connected = new RoaringBitmap32();

  note(evidence: Evidence): void {
    if (evidence.kind === "connected") this.connected.add(evidence.ordinal);
    if (evidence.kind === "disconnected") this.connected.remove(evidence.ordinal);
  }
}
