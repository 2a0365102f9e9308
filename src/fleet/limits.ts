/** Limits of the fleet, each with its unit and reason. */

/** Characters of a cohort query: a list of 50 device ids fits; a longer one belongs into a tag. */
export const QUERY_CHARACTERS_MAX = 8_192;

/** Comparisons in one query: SQLite refuses expressions deeper than 1,000. */
export const QUERY_COMPARISONS_MAX = 200;

/** Characters of one fact about a device: names, versions and regions are far shorter. */
export const FACT_CHARACTERS_MAX = 255;

/** Characters of one line of an import: nine facts of the longest kind, quoted. */
export const IMPORT_LINE_CHARACTERS_MAX = 8_192;

/** Ordinals bound in one statement when devices are read by set: SQLite's default limit is 32,766 parameters. */
export const ORDINALS_PER_READ = 4_096;
