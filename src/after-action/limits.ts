/** The limits of the after-action, each with its unit and reason. */

/** Characters of a device's own words that are quoted in a sentence: an error code or a version is shorter, a novel is an attack. */
export const QUOTED_CHARACTERS_MAX = 64;

/** Characters of a device id shown to a person. `urn:dev:` names are well below; a longer one still shows which it is. */
export const SHOWN_ID_CHARACTERS_MAX = 120;

/** Points of a curve: more than the pixels of a plot show nothing more, and the report stays small at ten million devices. */
export const CURVE_POINTS_MAX = 240;

/** Ids written out in the suggested follow-up query. Longer lists are a file (the CSV or the JSON lines), not a query. */
export const FOLLOW_UP_IDS_MAX = 50;

/** Characters of the follow-up's command id: canary and query append two to it, and LS 1.0 §3.4.2.3 allows 36. */
export const FOLLOW_UP_ID_CHARACTERS_MAX = 34;

/** Devices named per verdict in the terminal: what fits on a screen at three in the morning. */
export const TERMINAL_NAMED_MAX = 20;

/** Devices named per verdict in the report: a page of 10,000 rows is slow and read by nobody. CSV and JSON lines have them all. */
export const NAMED_MAX = 200;

/** Devices named per verdict in the PDF: two pages. */
export const PDF_NAMED_MAX = 50;

/** Rows of the strata table for people; JSON has them all. */
export const STRATA_SHOWN_MAX = 24;
