/**
 * In which order a device asks its depots: by a keyed hash, weighted by what each can bear (rendezvous hashing). The same device
 * always begins with the same depot, the shares of all devices are those of the weights, and the devices of a depot that fails go to
 * the others in the same shares. Anybody can recompute it. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";

export interface WeightedDepot {
  /** `https://host:port` */
  readonly url: string;
  /** Share of the devices that begin here, against the other weights. Above 0 */
  readonly weight: number;
}

export function mirrorOrder(depots: readonly WeightedDepot[], deviceId: string): readonly string[] {
  return depots
    .map(({ url, weight }) => ({ url, waits: -Math.log(uniform(`${deviceId}\n${url}`)) / weight }))
    .toSorted((one, other) => one.waits - other.waits)
    .map(({ url }) => url);
}

/** In (0, 1): 53 bits of the digest. */
function uniform(text: string): number {
  const digest = sha256(new TextEncoder().encode(text));
  const bits = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) >> 11n;
  return (Number(bits) + 0.5) / 2 ** 53;
}
