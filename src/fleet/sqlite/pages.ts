/** A set of devices as ranges of ordinals, each read in one statement. */
import type { RoaringBitmap32 } from "roaring-wasm";
import { ROWS_PER_READ } from "../limits.ts";

/** Both ends belong to it. */
export interface Page {
  readonly first: number;
  readonly last: number;
}

/** Ascending; rows that lie in a range are passed over when they are not in the set, so a range never spans a wide gap. */
export function* pagesOf(set: RoaringBitmap32): Iterable<Page> {
  if (set.isEmpty) return;
  const last = set.maximum();
  for (let from = set.minimum(); from <= last; ) {
    const part = set.rangeUint32Array(from, from + ROWS_PER_READ);
    const first = part[0];
    if (first === undefined) {
      // Nobody for a whole page: on to the next who is in the set.
      from = set.select(set.rank(from));
      continue;
    }
    yield { first, last: part.at(-1) ?? first };
    from += ROWS_PER_READ;
  }
}
