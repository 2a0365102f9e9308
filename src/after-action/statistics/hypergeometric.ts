/**
 * Exact bounds on how many of a finite population are bad, from a sample without putting back: the tails of the hypergeometric
 * distribution inverted (as Clopper and Pearson do for the binomial). It never covers less than it says. Pure.
 */
import { AfterActionError } from "../errors.ts";
import type { Interval } from "./wilson.ts";

/** Terms of a tail that are smaller than this part of the first change nothing that is printed. */
const NEGLIGIBLE = 1e-17;

/** Bounds on the number (not the share) of bad ones in the population. Throws ERR_AFTER_ACTION_SAMPLE for an impossible sample. */
export function hypergeometricBounds(bad: number, size: number, population: number, confidence: number): Interval {
  const isWhole = [bad, size, population].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!isWhole || bad > size || size > population || !(confidence > 0 && confidence < 1)) {
    throw new AfterActionError("ERR_AFTER_ACTION_SAMPLE", `${bad} of ${size} of ${population} at ${confidence} is not a sample`);
  }
  const tail = (1 - confidence) / 2;
  // What was seen is certain: at least the bad ones seen, at most all but the good ones seen.
  const [least, most] = [bad, population - (size - bad)];
  const low = firstWhere(least, most, (total) => upperTail(bad, size, total, population) > tail);
  const high = lastWhere(least, most, (total) => lowerTail(bad, size, total, population) > tail);
  return { low, high };
}

/** P(X <= bad) in a sample of `size` when `total` of `population` are bad. */
export function lowerTail(bad: number, size: number, total: number, population: number): number {
  const least = Math.max(0, size - (population - total));
  let term = probability(bad, size, total, population);
  // Too far from what is expected to be a number: all of the distribution lies on one side.
  if (term === 0) return bad * population >= size * total ? 1 : 0;
  let sum = term;
  for (let count = bad; count > least && term > sum * NEGLIGIBLE; count -= 1) {
    term *= (count * (population - total - size + count)) / ((total - count + 1) * (size - count + 1));
    sum += term;
  }
  return Math.min(1, sum);
}

/** P(X >= bad) */
function upperTail(bad: number, size: number, total: number, population: number): number {
  // Seen from the good ones it is a lower tail.
  return lowerTail(size - bad, size, population - total, population);
}

function probability(bad: number, size: number, total: number, population: number): number {
  if (bad > total || size - bad > population - total) return 0;
  return Math.exp(logChoose(total, bad) + logChoose(population - total, size - bad) - logChoose(population, size));
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Stirling's series; below 16 the product itself, where the series is not exact enough. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const n3 = n * n * n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n3) + 1 / (1260 * n3 * n * n);
}

/** The smallest whole number for which `holds`, which holds from some point on. */
function firstWhere(from: number, to: number, holds: (value: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The largest whole number for which `holds`, which holds up to some point. */
function lastWhere(from: number, to: number, holds: (value: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
