/** Limits on what is believed, each with its unit and reason. */

/** A signed command with two signatures fits one TCP segment (1,400 bytes); three times that leaves room for a third signer. */
export const COMMAND_FRAME_BYTES_MAX = 4_096;

/** A deny list of 10,000 devices is about 400 kB; permits, stops and resumes are far smaller. */
export const STATEMENT_BYTES_MAX = 1_048_576;

/** More signers than this agree on nothing; it bounds the work that a forged message can cause. */
export const SIGNATURES_MAX = 8;

/** A command that cannot carry its own expiry (`query features`, LS 1.0 §4.1) is believed for this long. ms */
export const COMMAND_LIFE_MS = 3_600_000;

/** Newest command ids that a device remembers. Repeats beyond them are stopped by expiry and release counters. */
export const SEEN_IDS_MAX = 64;

/** Keys in a director or an authority map: people, not machines. */
export const DIRECTOR_KEYS_MAX = 32;

/** A director with five keys has 3 kB; an authority map with two directors 9 kB. It has to fit the queue of one channel (32 KiB). */
export const DOCUMENT_BYTES_MAX = 24_576;

/** What a device keeps: one map and the newest version of each of its directors. */
export const AUTHORITY_BYTES_MAX = 131_072;

/** Directors in an authority map: an ISP, a manufacturer, whoever comes after them, and one in between. */
export const DIRECTORS_MAX = 4;

/** Scopes of one director: a vendor's models, each with its verbs. */
export const SCOPES_MAX = 64;

/** Rounds of PBKDF2-HMAC-SHA-256 over a passphrase: half a second for its owner (OWASP, 2023: at least 600,000). */
export const KDF_ROUNDS = 600_000;

/** Rounds of a key file that was made elsewhere: some 8 s, so that a hostile file does not hang its reader. asn1js reads three bytes of it. */
export const KDF_ROUNDS_MAX = 8_000_000;

/** Characters of a check-in signed by a device: 600 bytes of check-in and a certificate of 500, in base64 once and twice, and room. */
export const CHECK_IN_STATEMENT_CHARACTERS_MAX = 16_384;
