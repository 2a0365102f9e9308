/** Time comes in as an argument everywhere; this is its shape. `nowMs` is ms since the epoch. */
export interface Clock {
  nowMs(): number;
}
