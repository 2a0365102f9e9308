/** Sentences that every rendering says alike: how old evidence is, how it came, how much is not known. Pure. */
import type { DeviceRow, Report } from "./report-model.ts";
import { countText, durationText } from "./wording.ts";

/** The verdict's reason and the age of what decided. */
export function sentenceOf({ because, evidenceAtMs }: DeviceRow, nowMs: number): string {
  return evidenceAtMs === undefined ? because : `${because}; ${durationText(nowMs - evidenceAtMs)} old`;
}

/** Between what is known to be exposed and what is not known to be safe. */
export function exposedRange({ exposed, targeted }: Report): string {
  const share = (devices: number) => `${Number(((100 * devices) / Math.max(1, targeted)).toFixed(2))} %`;
  const [low, high] = [share(exposed.atLeast), share(exposed.atMost)];
  return low === high ? `${low} of the devices are exposed` : `from ${low} to ${high} of the devices are exposed`;
}

export function saidText({ said, signatures }: Report): string {
  const signed = `${countText(said.signed)} signed by the device${signatures.isChecked ? " and verified" : ""}`;
  const refused = signatures.isChecked && signatures.refused > 0 ? `; ${countText(signatures.refused)} signatures do not fit` : "";
  return `of the verdicts that rest on a device's own words, ${signed}, ${countText(said.overChannel)} said over the channel${refused}`;
}
