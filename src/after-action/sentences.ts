/** Sentences that every rendering says alike: how old evidence is, how it came, how much is not known. Pure. */
import type { DeviceRow, Report } from "./report-model.ts";
import { countText, devicesText, durationText, timeText } from "./wording.ts";

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

/** How many joined after the draft, and when, of how many and of whom people had signed; undefined where nobody may. */
export function newcomersText({ campaign, waves }: Report): string | undefined {
  const { newcomers } = campaign.permit;
  if (newcomers === undefined) return undefined;
  const joined = waves.filter(({ isJoined }) => isJoined);
  const count = joined.reduce((sum, wave) => sum + wave.count, 0);
  const times = joined.flatMap(({ orderedMs }) => (orderedMs === undefined ? [] : [timeText(orderedMs)]));
  const when = times.length === 0 ? "" : `, from ${times[0]} to ${times.at(-1)}`;
  return `${devicesText(count)} of at most ${countText(newcomers.count_max)} joined later${when}; those may that match ${JSON.stringify(newcomers.criteria)}`;
}

export function saidText({ said, signatures }: Report): string {
  const signed = `${countText(said.signed)} signed by the device${signatures.isChecked ? " and verified" : ""}`;
  const refused = signatures.isChecked && signatures.refused > 0 ? `; ${countText(signatures.refused)} signatures do not fit` : "";
  return `of the verdicts that rest on a device's own words, ${signed}, ${countText(said.overChannel)} said over the channel${refused}`;
}
