/**
 * Fills the spare slot: out of the image that runs, where the repository has a delta for it, or with the full image. Whatever is
 * wrong with a delta costs time and nothing else: the full image comes instead, and the device says so. A depot that is busy or out
 * of reach is no such reason: a herd that turned from the delta to the full image would be its end.
 */
import { DepotError } from "../depot/client/index.ts";
import { AgentError } from "./errors.ts";
import { fillByDelta } from "./fill-by-delta.ts";
import { fetchInto, type Filling, install } from "./filling.ts";
import { DIGEST_TRIES_MAX } from "./limits.ts";
import { patiently } from "./patiently.ts";
import { type AgreedDelta, agreeOnDelta } from "./update-check.ts";

/** Afterwards the spare slot holds the image, durably, and nothing else. Throws AgentError, DepotError, and what the disk throws. */
export async function fill(filling: Filling): Promise<void> {
  const { spare, image, running, job, ports } = filling;
  const { installer, config } = ports;
  // A cut between the commit and the switch: the slot is filled already.
  const isFilled = (await installer.manifest(spare))?.sha256 === image.sha256 && (await installer.isIntact(spare));
  if (!isFilled) {
    const delta = job.withoutDelta === undefined ? agreeOnDelta(image, config, running.manifest) : undefined;
    if (delta === undefined || !(await isFilledByDelta(delta, filling))) await fillWhole(filling);
  }
  await installer.clear(spare);
}

async function isFilledByDelta(delta: AgreedDelta, filling: Filling): Promise<boolean> {
  const { job, ports, signal } = filling;
  try {
    await fillByDelta(delta, filling);
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof DepotError) || error.code !== "ERR_DEPOT_DELTA") throw error;
    ports.onState(job.commandId, "downloading", error.code);
    await ports.states.update({ job: { ...job, withoutDelta: error.code } });
    return false;
  }
}

/** Fetches until the digest is right; wrong bytes are thrown away and asked of the next depot. */
async function fillWhole(filling: Filling): Promise<void> {
  const { spare, image, job, ports, signal } = filling;
  const { installer, onState } = ports;
  const { sha256 } = image;
  for (let tries = 1; ; tries += 1) {
    const download = await patiently(job, ports, signal, async (onProgress) => {
      // What arrived before a break is still there: each try goes on behind it.
      const begun = await installer.begin(spare, image);
      await fetchInto(begun, image, filling, onProgress);
      return begun;
    });
    onState(job.commandId, "verifying");
    if (download.digest() === sha256) {
      onState(job.commandId, "installing");
      return install(download, filling);
    }
    await download.discard();
    if (tries >= DIGEST_TRIES_MAX) throw new AgentError("ERR_AGENT_DIGEST", `${tries} downloads did not have the digest ${sha256}`);
  }
}
