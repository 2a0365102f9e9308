/**
 * Whether a device that returns still needs a command that waited for it. Pure. It spares the device a message and a start; what it really
 * installs it decides by itself, so that a manager or a device that lies here gains nothing but a device that is not updated.
 */
import type { InstalledSoftware } from "../../openc2/profiles/x-swup/model.ts";
import type { Release } from "../backplane/port.ts";
import type { LiveOrder } from "./order-book.ts";

/** It runs that release already: by hand, by another gateway's word, or because its answer was lost. */
export function isThere({ makes }: LiveOrder, runs: InstalledSoftware | undefined): boolean {
  return makes !== undefined && runs !== undefined && isSameSoftware(makes, runs) && makes.version === runs.version;
}

/** A newer release of the same software is ordered for it too, and may be sent. */
export function isOutdone({ makes }: LiveOrder, ordinal: number, others: Iterable<LiveOrder>): boolean {
  if (makes === undefined) return false;
  for (const { makes: newer, targets } of others) {
    if (newer !== undefined && isSameSoftware(newer, makes) && newer.counter > makes.counter && targets.has(ordinal)) return true;
  }
  return false;
}

function isSameSoftware(one: Pick<Release, "vendor" | "name">, other: Pick<Release, "vendor" | "name">): boolean {
  return one.vendor === other.vendor && one.name === other.name;
}
