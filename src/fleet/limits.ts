/** Limits of the fleet, each with its unit and reason. */

/** Characters of a cohort query: a list of 50 device ids fits; a longer one belongs into a tag. */
export const QUERY_CHARACTERS_MAX = 8_192;

/** Comparisons in one query: each may unite many sets, and nobody reads a longer one. */
export const QUERY_COMPARISONS_MAX = 200;

/** Published versions that an error names: enough to see a typing mistake. */
export const COUNTERS_SHOWN = 10;

/** Characters of one fact about a device: names, versions and regions are far shorter. */
export const FACT_CHARACTERS_MAX = 255;

/** Tags of one device: each is a set that an import may have to touch. */
export const TAGS_MAX = 32;

/** Characters of a tag: it is typed into queries. */
export const TAG_CHARACTERS_MAX = 64;

/** Components of one device beside its main software. */
export const COMPONENTS_MAX = 64;

/** Characters of one line of an import: 64 components with their digests are 11,000. */
export const IMPORT_LINE_CHARACTERS_MAX = 16_384;

/** Bytes of a file of devices: ten million JSON lines with components are 4 GB. */
export const IMPORT_BYTES_MAX = 8 * 1024 ** 3;

/** Bytes of a file that are kept in one transaction: some 4,000 devices share one fsync, and whoever else writes waits for no more than that. */
export const IMPORT_BLOCK_BYTES = 512 * 1024;

/** Rows of one page of devices or of verdicts: a few hundred KB, and the statement is closed before the reader goes on. */
export const ROWS_PER_READ = 4_096;

/** Ordinals of one block of a set: what one container of a roaring bitmap holds, at most 8 KiB. */
export const ORDINALS_PER_BLOCK = 65_536;

/** Bits of the ordinals of one block of evidence: 16,384 devices share pages that are written together. */
export const EVIDENCE_BLOCK_BITS = 14;

/** Devices whose evidence is read at one go: that of a whole block, 65,000 rows, held everybody else up for 300 ms, this for 50. */
export const EVIDENCE_DEVICES_PER_READ = 2_048;
