/**
 * Fills the spare slot out of the image that runs and a delta: the delta is fetched whole into a place of its own and has to have its
 * digest before a decoder sees it; then it is applied as a stream, and what comes out has to have the digest of the full image. A
 * cut while fetching is resumed behind the bytes that are there, a cut while applying begins again with what was fetched.
 */
import { applyDelta, DepotError, isPassing } from "../depot/client/index.ts";
import { fetchInto, type Filling, install } from "./filling.ts";
import type { DeltaPart, Download } from "./installer.ts";
import { patiently } from "./patiently.ts";
import type { AgreedDelta } from "./update-check.ts";

/** Throws ERR_DEPOT_DELTA when the full image has to be taken instead; what else it throws ends the update. */
export async function fillByDelta(delta: AgreedDelta, filling: Filling): Promise<void> {
  const { running, job, image, ports, signal } = filling;
  const { installer, onState } = ports;
  const dictionary = await installer.image(running.slot);
  if (dictionary === undefined) throw unusable("the image that runs is damaged");
  const part = await fetchDelta(delta, filling);
  onState(job.commandId, "verifying");
  if (part.digest() !== delta.sha256) {
    await part.discard();
    throw unusable(`the bytes that arrived do not have the digest ${delta.sha256}`);
  }
  onState(job.commandId, "installing");
  const download = await beginAnew(filling);
  try {
    await applyDelta({ dictionary, delta: part.chunks(), size: image.size, onChunk: (chunk) => download.append(chunk), signal });
    if (download.digest() !== image.sha256) throw unusable(`it does not make ${image.sha256}`);
  } catch (error) {
    if (!(error instanceof DepotError)) throw error;
    // Nothing of it may be taken for the beginning of the full image.
    await download.discard();
    await part.discard();
    throw error;
  }
  await install(download, filling);
}

function fetchDelta(delta: AgreedDelta, filling: Filling): Promise<DeltaPart> {
  const { spare, job, ports, signal } = filling;
  return patiently(job, ports, signal, async (onProgress) => {
    const part = await ports.installer.beginDelta(spare, delta);
    try {
      await fetchInto(part, delta, filling, onProgress);
    } catch (error) {
      // Mirrors that do not have it, or something else in its place: waiting does not help, the full image may.
      if (error instanceof DepotError && !signal.aborted && !isPassing(error.code)) throw unusable(error.message, error);
      throw error;
    }
    return part;
  });
}

/** What a broken off try or download has left would come before the first byte. */
async function beginAnew({ spare, image, ports }: Filling): Promise<Download> {
  const begun = await ports.installer.begin(spare, image);
  if (begun.startAt === 0) return begun;
  await begun.discard();
  return ports.installer.begin(spare, image);
}

function unusable(message: string, cause?: unknown): DepotError {
  return new DepotError("ERR_DEPOT_DELTA", `there is no delta for this device: ${message}`, { cause });
}
