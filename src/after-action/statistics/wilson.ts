/**
 * Wilson's score interval for a share (E. B. Wilson, 1927): honest for small samples and for shares near 0 and 1, where the
 * usual plus-minus interval claims certainty that nobody has. 0 failures of 300 gives an upper bound of 1.26 %.
 */
import { AfterActionError } from "../errors.ts";

/** Both ends within 0..1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 %. */
const Z95 = 1.959963984540054;

/** The 95 % interval for `hits` of `size`; 0..1 for an empty sample. Pure. Throws ERR_AFTER_ACTION_SAMPLE for an impossible sample. */
export function wilson(hits: number, size: number): Interval {
  if (!Number.isInteger(hits) || !Number.isInteger(size) || hits < 0 || hits > size) {
    throw new AfterActionError("ERR_AFTER_ACTION_SAMPLE", `${hits} of ${size} is not a sample`);
  }
  if (size === 0) return { low: 0, high: 1 };
  const share = hits / size;
  const z2 = Z95 * Z95;
  const middle = share + z2 / (2 * size);
  const half = Z95 * Math.sqrt((share * (1 - share)) / size + z2 / (4 * size * size));
  const scale = 1 + z2 / size;
  // Exactly 0 and 1 where they are exact: rounding must not say "at least 1e-18 of them".
  return { low: hits === 0 ? 0 : (middle - half) / scale, high: hits === size ? 1 : (middle + half) / scale };
}
