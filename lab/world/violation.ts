/** What must never happen, happened. */
export const INVARIANTS = [
  "nothing unverified is installed",
  "never two bad slots",
  "no send without a valid permit of two people",
  "only newcomers that match join",
  "each wave once, in order",
  "never beyond the halt threshold by more than one wave",
  "acknowledged means durable",
  "nothing is done twice",
  "a stop stops",
  "every device has one verdict",
  "no verdict says more than the truth",
  "everyone is served or accounted for",
  "the ledger is whole",
  "no part fails by itself",
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

export function must(isKept: boolean, invariant: Invariant, what: () => string): asserts isKept {
  if (!isKept) throw new Violation(invariant, what());
}
