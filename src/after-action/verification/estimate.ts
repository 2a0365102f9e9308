/**
 * What the answers so far say of all that were targeted: the share still exposed, with bounds. Twice, because those who do not answer
 * are the doubt that no sample size mends: once as if silence were chance, once as if all silent devices were exposed, or none. Pure.
 */
import { hypergeometricBounds } from "../statistics/hypergeometric.ts";
import type { Interval } from "../statistics/wilson.ts";
import type { VerificationPlan } from "./plan.ts";

/** Numbers of devices, of those asked since the verification began. */
export interface Answers {
  readonly asked: number;
  readonly answered: number;
  /** Of those that answered. */
  readonly exposed: number;
}

export interface Estimate extends Answers {
  /** Share of the targeted (0..1) that is still exposed, if those who are silent are like those who answer. */
  readonly share: number;
  readonly bounds: Interval;
  /** From none of the silent ones exposed to all of them. */
  readonly worstBounds: Interval;
  /** `bounds` are as narrow as wished: nobody else needs to be asked. */
  readonly isEnough: boolean;
}

/** Pure. Throws ERR_AFTER_ACTION_SAMPLE for answers that cannot be. */
export function estimateOf({ wish, frame, confidencePerLook }: VerificationPlan, answers: Answers): Estimate {
  const { asked, answered, exposed } = answers;
  const { targeted, certainlyExposed, uncertain } = frame;
  const silent = asked - answered;
  const bound = (bad: number, size: number) => hypergeometricBounds(bad, size, uncertain, confidencePerLook);
  const shareOf = (devices: number) => (targeted === 0 ? 0 : (certainlyExposed + devices) / targeted);
  const atRandom = bound(exposed, answered);
  const bounds = { low: shareOf(atRandom.low), high: shareOf(atRandom.high) };
  const expected = answered === 0 ? uncertain / 2 : (uncertain * exposed) / answered;
  return {
    ...answers,
    share: shareOf(expected),
    bounds,
    worstBounds: { low: shareOf(bound(exposed, asked).low), high: shareOf(bound(exposed + silent, asked).high) },
    // Rounding of the division must not ask a whole fleet once more.
    isEnough: (bounds.high - bounds.low) / 2 <= wish.within + 1e-12,
  };
}
