/** Limits on OpenC2 texts, each with its unit and reason. */

/** A text of more bytes is refused before it is looked at. A signed command fits 1,400; results of a rich device a few thousand. */
export const TEXT_BYTES_MAX = 16_384;

/** Containers within containers. LS 1.0 needs seven (a process with its parents); more is an attack on the reader's stack. */
export const DEPTH_MAX = 16;

/** Members of one object, and items of one array: the longest list in LS 1.0 (`pairs`) has 20 actions. */
export const MEMBERS_MAX = 256;

/** Faults that an error tells of one message: as many as a person mends in one go. */
export const FAULTS_MAX = 16;

/** Processes whose parents are processes (LS 1.0 §3.4.1.15 allows any number). */
export const PROCESS_DEPTH_MAX = 8;

/** Characters of a name, a version or a path in x-swup: none in the field is longer, and people must read them. */
export const WORD_CHARACTERS_MAX = 255;

/** Strings in an slpf `asset_tuple` (SLPF 1.0 §2.1.4). */
export const ASSET_TUPLE_MAX = 10;

/** Processes in an x-iot answer: more do not fit a text, and nobody reads them. */
export const PROCESSES_MAX = 64;

/** Characters of a URI: what HTTP servers accept. */
export const URI_CHARACTERS_MAX = 2_048;

/** Characters of a `status_text`: a sentence for a person. */
export const STATUS_TEXT_CHARACTERS_MAX = 1_024;

/** Characters of a comment in args (LS 2.0 draft §3.3.1.4): a sentence for a person. */
export const COMMENT_CHARACTERS_MAX = 1_024;

/** Bytes of a piece of software (1 TiB): beyond it a size is a mistake. */
export const SOFTWARE_BYTES_MAX = 2 ** 40;

/** Commands a minute that a device says it takes (LS 1.0 §3.3.2.2 rate_limit): one a second; a campaign needs three in all. */
export const RATE_LIMIT_PER_MINUTE = 60;

/** Namespace identifiers are 1 to 16 characters (LS 1.0 §3.4.2.12). */
export const NSID_CHARACTERS_MAX = 16;
