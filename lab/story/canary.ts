/** Which devices of the fleet the campaign will select, and which of them are not in its canary: the story's misfits come from those. */
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { MODEL, OLD_VERSION } from "./webcams.ts";

/** The manager gives ordinals in the order of import, so the place in the fleet is the ordinal. */
export function outsideCanary(fleet: readonly DeviceFacts[], campaignId: string): readonly string[] {
  const selected = fleet
    .map(({ id, name, version, subscribed, optedOut }, ordinal) => ({
      id,
      ordinal,
      takesPart: name === MODEL && version === OLD_VERSION && subscribed && !optedOut,
    }))
    .filter(({ takesPart }) => takesPart);
  const [canary] = assignWaves(selected, campaignId, defaultLadder(selected.length));
  return selected.filter(({ ordinal }) => canary?.has(ordinal) !== true).map(({ id }) => id);
}
