/**
 * A firmware-like image: a header, code-like blocks that repeat with changes, and blocks that do not compress, so that
 * digests, ranges and later deltas meet what they meet in the field. Same seed, same bytes.
 */
import type { Random } from "./random.ts";

const BLOCK_BYTES = 4096;

export function makeFirmware(label: string, bytes: number, random: Random): Uint8Array {
  const image = new Uint8Array(bytes);
  const pattern = Uint8Array.from({ length: BLOCK_BYTES }, () => Math.floor(random() * 256));
  for (let offset = 0; offset < bytes; offset += BLOCK_BYTES) {
    const block = image.subarray(offset, offset + BLOCK_BYTES);
    if (random() < 0.6) repeatBlock(block, pattern, random);
    else fillNoise(block, random);
  }
  image.set(new TextEncoder().encode(`FWIMG\0${label}\0`).subarray(0, bytes));
  return image;
}

function repeatBlock(block: Uint8Array, pattern: Uint8Array, random: Random): void {
  block.set(pattern.subarray(0, block.length));
  for (let change = 0; change < 16; change += 1) block[Math.floor(random() * block.length)] = Math.floor(random() * 256);
}

function fillNoise(block: Uint8Array, random: Random): void {
  for (let index = 0; index < block.length; index += 1) block[index] = Math.floor(random() * 256);
}
