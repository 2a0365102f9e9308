/**
 * How many devices have to be asked until the share of those still exposed is known as well as somebody wishes. Pure.
 *
 * Only devices whose verdict an answer could change are asked: the others are counted as they are. Sizes are for the worst case,
 * that half of them are exposed, with the exact bounds of a sample without putting back. Bounds are looked at after each part of the
 * asking, so that it stops as soon as they are narrow enough; the doubt that is allowed is divided among the looks (Bonferroni), so
 * that looking often does not make the answer look surer than it is.
 */
import { AfterActionError } from "../errors.ts";
import { hypergeometricBounds } from "../statistics/hypergeometric.ts";

export interface VerificationWish {
  /** Half the width of the bounds, as a share (0..1) of all that were targeted. */
  readonly within: number;
  /** 0..1 */
  readonly confidence: number;
  /** Ask everybody who could answer, whatever the bounds. */
  readonly isFull: boolean;
}

/** What is known before anybody is asked. Numbers of devices. */
export interface VerificationFrame {
  readonly targeted: number;
  /** Exposed by a verdict that an answer would not change. */
  readonly certainlyExposed: number;
  /** Those whose verdict an answer could change. */
  readonly uncertain: number;
}

export interface VerificationPlan {
  readonly wish: VerificationWish;
  readonly frame: VerificationFrame;
  /** How many are to have been asked at each look, ascending; empty when the bounds are narrow enough as it is. */
  readonly looks: readonly number[];
  /** Of the bounds at each look, so that all looks together keep the confidence wished for. */
  readonly confidencePerLook: number;
}

/** Shares of the whole sample at which the bounds are looked at. */
const LOOKS = [0.125, 0.25, 0.5, 1] as const;

/** `answerShare`: how many of those asked are expected to answer (0..1). Throws ERR_AFTER_ACTION_SAMPLE for a wish that cannot be. */
export function planVerification(wish: VerificationWish, frame: VerificationFrame, answerShare: number): VerificationPlan {
  const { within, confidence, isFull } = wish;
  const isPossible = within > 0 && within < 1 && confidence > 0 && confidence < 1 && answerShare > 0 && answerShare <= 1;
  if (!isPossible) {
    throw new AfterActionError("ERR_AFTER_ACTION_SAMPLE", `within ${within} at ${confidence} with ${answerShare} answering cannot be`);
  }
  const { uncertain } = frame;
  if (uncertain === 0) return { wish, frame, looks: [], confidencePerLook: confidence };
  if (isFull) return { wish, frame, looks: [uncertain], confidencePerLook: confidence };
  const confidencePerLook = 1 - (1 - confidence) / LOOKS.length;
  const answers = answersNeeded(within * frame.targeted, uncertain, confidencePerLook);
  const asked = Math.min(uncertain, Math.ceil(answers / answerShare));
  const looks = [...new Set(LOOKS.map((share) => Math.ceil(asked * share)))].filter((count) => count > 0);
  return { wish, frame, looks, confidencePerLook };
}

/** The fewest answers of `uncertain` devices that bound the number of exposed ones to `withinDevices` either way. */
function answersNeeded(withinDevices: number, uncertain: number, confidence: number): number {
  let [low, high] = [0, uncertain];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const bounds = hypergeometricBounds(Math.floor(middle / 2), middle, uncertain, confidence);
    if ((bounds.high - bounds.low) / 2 <= withinDevices) high = middle;
    else low = middle + 1;
  }
  return low;
}
