/** Which devices of the fleet the campaign will select, and which of them are its canary. */
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { MODEL, OLD_VERSION } from "./webcams.ts";

/** Ids, in the order of the fleet. The manager gives ordinals in the order of import, so the place in the fleet is the ordinal. */
export function takingPart(
  fleet: readonly DeviceFacts[],
  campaignId: string,
): { readonly canary: readonly string[]; readonly others: readonly string[] } {
  const selected = fleet
    .map(({ id, name, version, subscribed, optedOut }, ordinal) => ({
      id,
      ordinal,
      takesPart: name === MODEL && version === OLD_VERSION && subscribed && !optedOut,
    }))
    .filter(({ takesPart }) => takesPart);
  const [first] = assignWaves(selected, campaignId, defaultLadder(selected.length));
  const idsOf = (isCanary: boolean) => selected.filter(({ ordinal }) => (first?.has(ordinal) === true) === isCanary).map(({ id }) => id);
  return { canary: idsOf(true), others: idsOf(false) };
}
