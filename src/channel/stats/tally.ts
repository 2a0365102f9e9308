/** Counts by a name: of a reason, of a budget. The names are ours, never a peer's words, so that there are few of them. */
export type Counts = Readonly<Record<string, number>>;

export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get counts(): Counts {
    return Object.fromEntries(this.#counts);
  }
}

export function addCounts(one: Counts, other: Counts): Counts {
  const sum = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
