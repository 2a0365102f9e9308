/** A set of devices in pages of neighbouring ordinals, each read in one statement. */
import type { RoaringBitmap32 } from "roaring-wasm";
import { ROWS_PER_READ } from "../limits.ts";

/** When fewer than one row of so many in a range is wanted, the others cost more to read than these cost to find. */
const SPARSE = 8;

/** The ordinals of each page, ascending, never none. */
export function* pagesOf(set: RoaringBitmap32): Iterable<Uint32Array> {
  if (set.isEmpty) return;
  const last = set.maximum();
  for (let from = set.minimum(); from <= last; ) {
    const part = set.rangeUint32Array(from, from + ROWS_PER_READ);
    if (part.length === 0) {
      // Nobody for a whole page: on to the next who is in the set.
      from = set.select(set.rank(from));
      continue;
    }
    yield part;
    from += ROWS_PER_READ;
  }
}

/** What a statement asks for to get the rows of these ordinals, ascending: of a range it gets others too, whom the reader passes over. */
export function rowsOf(ordinals: Uint32Array): { readonly condition: string; readonly values: readonly (number | string)[] } {
  const [first = 0, last = 0] = [ordinals[0], ordinals.at(-1)];
  return ordinals.length * SPARSE > last - first
    ? { condition: "ordinal BETWEEN ? AND ?", values: [first, last] }
    : { condition: "ordinal IN (SELECT value FROM json_each(?))", values: [`[${ordinals.join()}]`] };
}
