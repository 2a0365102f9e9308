/**
 * The next version of a firmware image, as releases change: code grows in a few places, so that all behind it moves; functions are touched
 * here and there; some packed assets are exchanged whole. Same seed, same bytes.
 */
import type { Random } from "../../story/random.ts";

const BLOCK_BYTES = 4096;
/** Share (0..1) of the blocks with touched bytes, and of those that are exchanged. */
const TOUCHED = 0.05;
const EXCHANGED = 0.02;
/** Places where code is put in, and how much of it. */
const INSERTIONS = 4;
const INSERTED_BYTES = 512;

export function nextVersion(image: Uint8Array, label: string, random: Random): Uint8Array {
  const places = Array.from({ length: INSERTIONS }, () => Math.floor(random() * image.length)).toSorted((one, other) => one - other);
  const pieces = places.flatMap((place, index) => [image.subarray(places[index - 1] ?? 0, place), noise(INSERTED_BYTES, random)]);
  const next = new Uint8Array(Buffer.concat([...pieces, image.subarray(places.at(-1))]));
  for (let offset = 0; offset < next.length; offset += BLOCK_BYTES) {
    const block = next.subarray(offset, offset + BLOCK_BYTES);
    const draw = random();
    if (draw < EXCHANGED) block.set(noise(block.length, random));
    else if (draw < EXCHANGED + TOUCHED) for (let change = 0; change < 8; change += 1) block[Math.floor(random() * block.length)] = change;
  }
  next.set(new TextEncoder().encode(`FWIMG\0${label}\0`).subarray(0, next.length));
  return next;
}

function noise(bytes: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
}
