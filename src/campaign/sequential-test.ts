/**
 * Tests that may be looked at after every single device and still keep their promise. Pure and total.
 *
 * To halt: a mixture of Wald's likelihood ratios. Under the hypothesis that a rate is at most `rate` the mixture is a
 * supermartingale that begins at 1, so that by Ville's inequality it ever exceeds 1/alpha with a probability of at most alpha,
 * however often one looks and whenever one stops. To go on: Wald's ratio of a rate that would be too much against the one that is
 * expected; a patch that is that bad gets below beta with a probability of at most beta.
 */

/** Of `count` devices, `bad` are not well. */
export interface Sample {
  readonly count: number;
  readonly bad: number;
}

/** The excess rates that are looked for, each as likely as the others in advance: one half, a quarter, down to one in 4,096. */
const EXCESSES: readonly number[] = Array.from({ length: 12 }, (_, index) => 2 ** -(index + 1));

/** A rate of nothing would make a single bad device infinite evidence. */
const RATE_MIN = 1e-9;

/** Natural logarithm of the evidence that more than `rate` (0..1) are bad; above ln(1/alpha) it is enough. */
export function evidenceAbove(sample: Sample, rate: number): number {
  const base = Math.max(rate, RATE_MIN);
  const terms = EXCESSES.filter((excess) => base + excess < 1).map((excess) => logRatio(sample, base + excess, base));
  const highest = Math.max(...terms);
  // An empty list, and facts that are no numbers, are evidence of nothing.
  if (!Number.isFinite(highest)) return Number.NEGATIVE_INFINITY;
  const sum = terms.reduce((total, term) => total + Math.exp(term - highest), 0);
  return highest + Math.log(sum / EXCESSES.length);
}

/** Whether the sample speaks against an `excess` over the `rate` so clearly that one as bad would show it in `beta` of all cases only. */
export function isRuledOut(sample: Sample, rate: number, excess: number, beta: number): boolean {
  const base = Math.max(rate, RATE_MIN);
  return base + excess < 1 && logRatio(sample, base + excess, base) <= Math.log(beta);
}

/** Wilson's upper bound (0..1) for the rate behind a sample, `deviations` of the normal distribution up; 1 when nothing is known. */
export function upperRate({ count, bad }: Sample, deviations: number): number {
  if (!(count > 0)) return 1;
  const share = bad / count;
  const squared = deviations ** 2;
  const centre = share + squared / (2 * count);
  const half = deviations * Math.sqrt((share * (1 - share) + squared / (4 * count)) / count);
  return Math.min(1, (centre + half) / (1 + squared / count));
}

function logRatio({ count, bad }: Sample, high: number, low: number): number {
  return bad * Math.log(high / low) + (count - bad) * Math.log((1 - high) / (1 - low));
}
