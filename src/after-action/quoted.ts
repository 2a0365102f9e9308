/**
 * Words that came from outside (versions, error codes, device ids), made fit to stand in a sentence. A device is not trusted: its
 * words must not move a terminal's cursor, turn the direction of the text or fill the page.
 */
import { QUOTED_CHARACTERS_MAX } from "./limits.ts";

/** C0, DEL and C1 controls, line and paragraph separators, bidirectional controls, zero-width characters, lone surrogates. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Pure. Every unfit character becomes `?`; what is longer than `charactersMax` is cut and ends in `...`. */
export function quoted(words: string, charactersMax: number = QUOTED_CHARACTERS_MAX): string {
  // Cut first: cleaning a megabyte to show 64 characters would be work that a device orders.
  const cut = words.length > charactersMax ? `${words.slice(0, charactersMax - 3)}...` : words;
  return cut.replace(UNFIT, "?");
}
