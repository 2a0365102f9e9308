/** The reports of a fan-out: who was sent to, as gateways tell it, each report about devices from everywhere. */
import { RoaringBitmap32 } from "roaring-wasm";

/** Of eight parts of a gateway over five seconds. */
const REPORTS = 400;

export function* reportsOf(devices: number): Iterable<RoaringBitmap32> {
  const each = Math.floor(devices / REPORTS);
  for (let report = 0; report < REPORTS; report += 1) {
    yield RoaringBitmap32.from(Uint32Array.from({ length: each }, (_, place) => place * REPORTS + report));
  }
}
