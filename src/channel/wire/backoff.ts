/** Decorrelated jitter: the next wait is random between the least and three times the last. Pure. */
export function nextWaitMs(lastMs: number, leastMs: number, mostMs: number, random: () => number): number {
  return Math.min(mostMs, leastMs + random() * Math.max(0, lastMs * 3 - leastMs));
}
