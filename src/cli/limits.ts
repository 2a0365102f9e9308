/** The limits of the command line, each with its unit and reason. */

/** Characters of a new passphrase: with 600,000 rounds, three words from a list are beyond guessing (NIST SP 800-63B asks for 8). */
export const PASSPHRASE_CHARACTERS_MIN = 12;

/** Characters of a person's name, which is also a file's name. */
export const PERSON_CHARACTERS_MAX = 64;

/** ms that a command may be dated ahead of the signer's clock: clocks of three machines differ by seconds, a wrong one by hours. */
export const DATED_AHEAD_MAX_MS = 600_000;

/** Characters of a line of an export: evidence with a signed check-in is at most 25,000 (trust/limits.ts). */
export const EXPORT_LINE_CHARACTERS_MAX = 65_536;
