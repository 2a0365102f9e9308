/** Limits of a device, each with its unit and reason. */

/** Boots that a new image gets before the old one comes back: the first may be cut by the power, the second may not. */
export const TRIAL_BOOTS_MAX = 2;

/** Times that a blob is fetched anew because its digest was wrong: once more, from the next depot. */
export const DIGEST_TRIES_MAX = 2;

/**
 * Visits to the depots in a row that brought nothing, until an update fails. A visit to depots that are away takes about a minute
 * (depot/limits.ts), the waits between them 24 together: half an hour, in which a depot is started again or a mirror takes over.
 */
export const DEPOT_TRIES_MAX = 12;

/** ms of the first wait between two visits and of the longest: twice the one before, half of it to one and a half. */
export const DEPOT_WAIT_MIN_MS = 2_000;
export const DEPOT_WAIT_MAX_MS = 300_000;

/** ms between reconnects: decorrelated jitter between these two, so that a dead gateway is not a storm. */
export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 60_000;

/** ms until a dialled connection must stand. */
export const DIAL_MAX_MS = 10_000;

/** Seconds without anything from the gateway until the channel is given up; gateways ping after 50 s of silence. */
export const CHANNEL_DEAD_SECONDS = 120;

/** Bytes waiting to be written up; a device says little. */
export const UPWARD_QUEUE_BYTES_MAX = 65_536;

/** ms that a health command may take, when the configuration does not say. */
export const HEALTH_DEFAULT_MS = 30_000;

/** Command ids in a check-in. */
export const SEEN_IN_CHECK_IN = 16;

/** Characters of an answer's status_text: a sentence, and a quarter of what the language's reader takes. */
export const STATUS_TEXT_CHARACTERS = 256;

/** Share of a certificate's life (0..1) after which it is renewed, and the share over which devices of one age are spread. */
export const RENEW_AT_SHARE = 2 / 3;
export const RENEW_SPREAD_SHARE = 0.05;

/** ms between two tries that failed: decorrelated jitter between these two. The server's pace allows six a minute. */
export const ENROLMENT_WAIT_MIN_MS = 12_000;
export const ENROLMENT_WAIT_MS = 900_000;

/** ms that the enrolment server may make a device wait. */
export const ENROLMENT_WAIT_MAX_MS = 86_400_000;

/** ms for one request to the enrolment server. */
export const ENROLMENT_MAX_MS = 30_000;

/** Bytes of its answer: a certificate has about 600 in base64, a chain of three 2,000. */
export const ENROLMENT_ANSWER_BYTES_MAX = 16_384;

/** Accepted stops and restarts that have not ended; more at once are no plan, and the state file is written whole for each. */
export const HOUSEKEEPING_MAX = 8;

/** Restarts remembered until they expire, apart from other ids, which one person's cancels could push out. One more is refused. */
export const RESTARTS_MAX = 16;

/** Times that processes which match are looked for again after those that were there have ended: whatever starts them goes on doing so. */
export const STOP_ROUNDS_MAX = 3;

/** ms that a process gets to be gone after it was ended by force: it is, unless it hangs in the kernel. */
export const ENDING_MAX_MS = 3_000;

/** ms between looks whether a process is gone: twice the one before, between these two. */
export const ENDING_LOOK_MIN_MS = 10;
export const ENDING_LOOK_MAX_MS = 500;

/** ms in which a restart command that succeeded must have ended this process. */
export const RESTART_MAX_MS = 300_000;

/** Bytes of an executable that is hashed; a command that needs the digest of a larger one is answered with 501. None of a small device is. */
export const EXECUTABLE_BYTES_MAX = 268_435_456;

/** Bytes of a command line that are read: a command has no room to name a longer one (openc2 TEXT_BYTES_MAX). */
export const COMMAND_LINE_BYTES_MAX = 16_384;

/** Bytes of `processes` in an answer, which has to fit a message (channel UPWARD_MESSAGE_BYTES_MAX) whatever processes call themselves. */
export const PROCESSES_BYTES_MAX = 6_144;
