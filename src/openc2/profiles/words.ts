/** Types that the profiles of Edict share: what people read before they sign, and times. Pure. */
import { WORD_CHARACTERS_MAX } from "../limits.ts";
import { integer, text } from "../shape.ts";

/** People read these before they sign: nothing invisible, nothing that turns the line around (bidirectional controls), not empty. */
export const word = text({ pattern: /^[^\p{C}\p{Zl}\p{Zp}]+$/u, what: "a printable name", least: 1, most: WORD_CHARACTERS_MAX });

/** ms: since the epoch, or of a length of time. */
export const time = integer({ least: 0 });
