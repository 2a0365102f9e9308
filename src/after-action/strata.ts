/** Verdicts by kind of device: model, version before the command, region. A release that fails on one kind shows here first. Pure. */
import type { Device } from "../fleet/device.ts";
import type { VerdictName } from "../fleet/verdict.ts";
import type { Stratum } from "./report-model.ts";
import { VERDICT_FACTS } from "./verdict-facts.ts";
import { wilson } from "./statistics/wilson.ts";

interface Counting {
  readonly name: string;
  readonly version: string;
  readonly region: string;
  targeted: number;
  verified: number;
  exposed: number;
}

export class Strata {
  readonly #rows = new Map<string, Counting>();

  add(device: Device, version: string, verdict: VerdictName): void {
    const { name, region } = device;
    const key = JSON.stringify([name, version, region]);
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, (row = { name, version, region, targeted: 0, verified: 0, exposed: 0 }));
    row.targeted += 1;
    if (verdict === "verified") row.verified += 1;
    if (VERDICT_FACTS[verdict].exposed) row.exposed += 1;
  }

  /** Most exposed first. */
  rows(): Stratum[] {
    return [...this.#rows.values()]
      .map((row) => ({ ...row, ...wilson(row.verified, row.targeted) }))
      .sort((a, b) => b.exposed - a.exposed || b.targeted - a.targeted || (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}

function keyOf(row: Counting): string {
  return JSON.stringify([row.name, row.version, row.region]);
}
