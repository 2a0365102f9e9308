/** Looks for many short byte strings at once, in one pass over what may be gigabytes. */

export interface Needle {
  readonly key: string;
  readonly form: string;
  readonly bytes: Uint8Array;
}

/** bytes; what is read in parts has to overlap by one less. */
export const NEEDLE_BYTES_MAX = 64;

/** Bits of a needle's beginning that are looked up at each place. */
const WINDOW_BITS = 24;
const WINDOW_MASK = (1 << WINDOW_BITS) - 1;

export class NeedleSearch {
  readonly #isBeginning = new Uint8Array(1 << WINDOW_BITS);
  readonly #byBeginning = new Map<number, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const [a = 0, b = 0, c = 0] = needle.bytes;
      const window = (a << 16) | (b << 8) | c;
      this.#isBeginning[window] = 1;
      this.#byBeginning.set(window, [...(this.#byBeginning.get(window) ?? []), needle]);
    }
  }

  in(bytes: Uint8Array): ReadonlySet<Needle> {
    const found = new Set<Needle>();
    let window = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
    for (let end = 2; end < bytes.length; end += 1) {
      window = ((window << 8) | (bytes[end] ?? 0)) & WINDOW_MASK;
      if (this.#isBeginning[window] !== 1) continue;
      for (const needle of this.#byBeginning.get(window) ?? []) {
        const there = bytes.subarray(end - 2, end - 2 + needle.bytes.length);
        if (Buffer.compare(there, needle.bytes) === 0) found.add(needle);
      }
    }
    return found;
  }
}
