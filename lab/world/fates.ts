/** What the seed has in store for each device: what the patch does to it, its clock, its flash, its speed. */
import { IMAGE } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import type { Fate, SimDepot } from "./device-ports.ts";
import { HOUR_MS, type Settings } from "./settings.ts";

const YEAR_MS = 365 * 24 * HOUR_MS;
/** Of SAFETY's clocks: ten years either way, and all that is set wrong by hand. */
const SKEWS_MS = [-10 * YEAR_MS, -HOUR_MS, 5 * 60_000, 10 * YEAR_MS];

interface DepotState {
  readonly isUp: () => boolean;
  readonly isWithdrawn: () => boolean;
  readonly fetched: SimDepot["fetched"];
}

export function fateOf({ patch, faults, processes = [] }: Settings, chance: Chance): Fate {
  const isHarmed = (ordinal: number) => chance("harmed", ordinal) < patch.share;
  return {
    bricks: (ordinal) => patch.harm === "bricks" && isHarmed(ordinal),
    fails: (ordinal) => patch.harm === "fails" && isHarmed(ordinal),
    isFlaky: (ordinal) => chance("flaky flash", ordinal) < faults.flakyFlash,
    skewMs: (ordinal) => {
      if (chance("wrong clock", ordinal) >= faults.wrongClocks) return 0;
      return SKEWS_MS[Math.floor(chance("how wrong", ordinal) * SKEWS_MS.length)] ?? 0;
    },
    bootMs: (ordinal, boot) => 20_000 + chance("boot", ordinal, boot) * 40_000,
    processes,
    started: (ordinal, boot, image) =>
      processes.reduce((bits, process, index) => {
        const comes = boot === 1 || process.returns === "always" || (process.returns === "in the old image" && image === IMAGE.old);
        return comes && chance(`runs ${process.name}`, ordinal) < process.share ? bits | (1 << index) : bits;
      }, 0),
  };
}

/** Whose depot the devices fetch from; whether it can be reached, and what it names, is said by the world. */
export function depotOf({ faults }: Settings, chance: Chance, { isUp, isWithdrawn, fetched }: DepotState): SimDepot {
  return {
    isUp,
    problem: () => (!isUp() ? "ERR_DEPOT_UNREACHABLE" : isWithdrawn() ? "ERR_DEPOT_RELEASE_NOT_FOUND" : undefined),
    fetchMs: (ordinal) => 2_000 + chance("line", ordinal) ** 3 * 40_000,
    isAltered: (ordinal, download) => chance("altered", ordinal, download) < faults.badDownloads,
    fetched,
  };
}
