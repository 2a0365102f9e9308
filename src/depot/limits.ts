/** Every limit of the depot and of its client, each with its unit and its reason. */

const DAY_MS = 86_400_000;

/**
 * How long each role's metadata is valid (TUF 1.0 §4.3 to §4.6). Root keys are offline and rotate rarely. The
 * timestamp's life bounds a freeze attack; a manufacturer who signs by hand can be asked to do so once a month.
 */
export const METADATA_LIFE_MS = {
  root: 365 * DAY_MS,
  targets: 90 * DAY_MS,
  delegated: 90 * DAY_MS,
  snapshot: 90 * DAY_MS,
  timestamp: 30 * DAY_MS,
} as const;

/** Bytes of a bundle that people sign: all of a repository's roots and targets, and the same again as drafts. */
export const BUNDLE_BYTES_MAX = 32_000_000;

/** Characters of a vendor, name or version: they become part of a target path and of a device's record. */
export const RELEASE_WORD_CHARS_MAX = 128;

/** Hardware names of one release: more belong into several releases. */
export const RELEASE_HARDWARE_MAX = 256;

/** Images that one release may be applied over: every version of ten years of monthly releases. */
export const RELEASE_PRECURSORS_MAX = 128;

/** Bytes: as much as the largest image for a connected thing that we know of (a gateway's full system), with room. */
export const BLOB_BYTES_MAX = 8 * 1024 ** 3;

/**
 * Bytes of an image that has deltas, and of one that they start from. Beyond its window a delta cannot refer to the old image, and a
 * device holds the old image twice (the file and the decoder's copy) and the window once: three times this at the worst.
 */
export const DELTA_IMAGE_BYTES_MAX = 2 ** 26;

/** Deltas of one release: every version of two years of monthly releases. Each is made while the publisher waits. */
export const DELTAS_MAX = 24;

/** Share of the image's bytes above which a delta is not published: it would cost a device memory and a second try, and save little. */
export const DELTA_SHARE_MAX = 0.9;

/** Bytes read from the file at once. 256 KiB measured 0.9 GB/s to one client, 64 KiB 0.65; larger gained nothing. */
export const SEND_CHUNK_BYTES = 256 * 1024;

/** Parts of blobs kept in memory: 64 MiB, the image of a campaign or most of it. */
export const CHUNKS_KEPT = 256;

/** Open connections of one depot process: 15 KiB each plus one chunk while sending, so 5 GB at worst. */
export const CONNECTIONS_MAX = 20_000;

/** A device fetches one blob and some metadata; two connections overlap when it reconnects. Four is generous. */
export const CONNECTIONS_PER_DEVICE_MAX = 4;

/** Blobs sent at once by one depot process: each holds one chunk in memory, so 0.5 GB; the next one is told when to come back. */
export const SENDS_MAX = 2000;

/** Seconds, the mean of the Retry-After of a depot that is over its limits: a 10 MB image at 4 Mbit/s is through by then. */
export const SHED_RETRY_AFTER_SECONDS = 20;

/** Bytes of a request's line and headers. Ours need 200; a giant header is an attack. */
export const REQUEST_HEADER_BYTES_MAX = 4096;

/** ms until a TLS handshake has to be done: three round trips on a satellite link and a slow device's signature. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** ms until a connection has to bring its first or next request (slowloris; idle keep-alive costs memory). */
export const REQUEST_TIMEOUT_MS = 10_000;

/** ms within which a reader has to accept the next chunk: below 4 KiB/s (2G) it loses the connection and resumes by range. */
export const READER_STALL_MS = 60_000;

/** ms between two looks at all connections' deadlines: one timer for all instead of one for each. */
export const SWEEP_INTERVAL_MS = 1000;

/** ms that `stop` lets responses finish before it closes their connections. */
export const STOP_GRACE_MS = 2000;

/** Bytes of one metadata file that a device reads (endless data). 5 MB hold about 10,000 releases. */
export const METADATA_BYTES_MAX = { root: 512_000, timestamp: 16_384, snapshot: 512_000, targets: 5_000_000 } as const;

/** Roles that a device asks about one release: a model's own, its supplier's, and some on the way. */
export const DELEGATION_ROLES_MAX = 16;

/** Roles in a whole repository, for those who copy all of it: a role for each model of a large manufacturer. */
export const REPOSITORY_ROLES_MAX = 1024;

/** Delegations from targets downwards: manufacturer, supplier, the supplier's supplier, and one more. */
export const DELEGATION_DEPTH_MAX = 4;

/** Path patterns of one delegation: models; more belong into several roles. Each costs a comparison. */
export const DELEGATION_PATHS_MAX = 256;

/** Root rotations that a device follows in one refresh (TUF 1.0 §5.3.3): years of them. */
export const ROOT_ROTATIONS_MAX = 64;

/** Failures in a row without progress until a device gives up; with jitter about a minute, then the next command or check-in decides. */
export const ATTEMPTS_MAX = 8;

/** Bytes that count as progress: a mirror that gives less before each cut does not keep a device busy for ever. */
export const PROGRESS_BYTES = 64 * 1024;

/** ms; bounds of the decorrelated jitter between two attempts at one mirror. */
export const BACKOFF_BASE_MS = 200;
export const BACKOFF_CAP_MS = 30_000;

/** ms; the longest Retry-After that a device honours: a hostile mirror cannot put it to sleep for a year. */
export const RETRY_AFTER_MAX_MS = 120_000;

/** Share (0..1) by which a device lengthens the Retry-After that it was given. */
export const RETRY_AFTER_JITTER = 0.5;

/** ms for which a mirror may owe bytes (answer time included) before it counts as too slow. */
export const PATIENCE_MS = 15_000;

/** Bytes per second below which a mirror counts as too slow: 2G still passes. */
export const BYTES_PER_SECOND_MIN = 1024;
