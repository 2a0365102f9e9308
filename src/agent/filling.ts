/** What it takes to fill the spare slot, by whichever way the bytes come. */
import type { Booted } from "./boot.ts";
import type { Download, Part } from "./installer.ts";
import type { Job, Slot } from "./state.ts";
import type { AgreedImage } from "./update-check.ts";
import type { UpdatePorts } from "./update-job.ts";

export interface Filling {
  readonly spare: Slot;
  readonly image: AgreedImage;
  readonly running: Booted;
  readonly job: Job;
  readonly ports: UpdatePorts;
  readonly signal: AbortSignal;
}

/** Fetches what is missing of a blob. */
export function fetchInto(
  part: Part,
  { sha256, size }: { readonly sha256: string; readonly size: number },
  { ports, signal }: Pick<Filling, "ports" | "signal">,
  onProgress: () => void,
): Promise<void> {
  const onChunk = (chunk: Uint8Array) => {
    onProgress();
    return part.append(chunk);
  };
  return ports.depot.fetchBlob({ sha256, size, startAt: part.startAt, onChunk, signal });
}

/** Makes a download whose digest is right the slot's content. */
export async function install(download: Download, { image, ports }: Pick<Filling, "image" | "ports">): Promise<void> {
  const { release, sha256, size } = image;
  const { vendor, name, version, counter } = release;
  await download.commit({ vendor, name, version, counter, hardware: ports.config.hardware, sha256, size });
}
