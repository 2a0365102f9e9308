/**
 * Whom to ask, one after the other, so that whenever the asking stops those asked are a stratified sample: every kind of device
 * (model, version, region, wave) has its share of any beginning of the list to within one device. Within a kind chance decides, the same
 * chance for the same seed. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";

interface Candidate {
  readonly ordinal: number;
  /** Its place among its kind, 0..1. */
  readonly place: number;
}

/** The first `count` ordinals to ask. `kinds`: the ordinals of each kind, in any order. */
export function askingOrder(kinds: Iterable<readonly number[]>, count: number, seed: string): readonly number[] {
  const salt = new DataView(sha256(new TextEncoder().encode(seed)).buffer).getUint32(0);
  const lists = [...kinds];
  const all = lists.reduce((sum, ordinals) => sum + ordinals.length, 0);
  const candidates = lists.flatMap((ordinals) => firstOf(ordinals, Math.ceil((count * ordinals.length) / Math.max(1, all)) + 1, salt));
  return candidates
    .sort((a, b) => a.place - b.place || a.ordinal - b.ordinal)
    .slice(0, count)
    .map(({ ordinal }) => ordinal);
}

function firstOf(ordinals: readonly number[], count: number, salt: number): readonly Candidate[] {
  const keys = BigUint64Array.from(ordinals, (ordinal) => (BigInt(mixed(ordinal ^ salt)) << 32n) | BigInt(ordinal)).sort();
  return Array.from(keys.subarray(0, count), (key, rank) => ({
    ordinal: Number(key & 0xffff_ffffn),
    place: (rank + 0.5) / ordinals.length,
  }));
}

/** MurmurHash3's last step: every bit of the ordinal moves every bit of the result. It protects nothing. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
