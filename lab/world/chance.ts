/**
 * Chance that depends on nothing but the seed and what it is asked about. A device's fate does not change because another device
 * drew before it: so a compact device and a full agent meet the same world, and a fault that is taken out moves no other.
 */

/** 0..1, always the same for the same question. */
export type Chance = (what: string, who?: number, time?: number) => number;

export function chanceOf(seed: number): Chance {
  const whats = new Map<string, number>();
  return (what, who = 0, time = 0) => {
    let key = whats.get(what);
    if (key === undefined) whats.set(what, (key = hashOf(what)));
    return mixed(mixed(mixed(seed ^ key) ^ Math.imul(who + 1, 0x9e37_79b1)) ^ Math.imul(time + 1, 0x85eb_ca6b)) / 4_294_967_296;
  };
}

/** A stream of it, for code that takes its randomness as an argument. */
export function streamOf(chance: Chance, what: string, who = 0): () => number {
  let drawn = 0;
  return () => chance(what, who, drawn++);
}

/** A whole number from `least` to `most`, small ones as likely as large ones on a logarithmic scale. */
export function sizeFrom(share: number, least: number, most: number): number {
  return Math.round(least * (most / least) ** share);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return hash >>> 0;
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mixed(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
