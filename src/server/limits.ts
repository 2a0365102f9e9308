/** Limits of the management side, each with its unit and its reason. */

/** One embedded database writes one transaction at a time; a shorter tick than this only adds empty reads. */
export const TICK_MS = 200;

/** How long downloads and reports may wait to share one fsync. Well below the 250 ms in which gateways report. */
export const COMMIT_DELAY_MS = 100;

/** A device that was sent the command and went away has this long to return before the after-action calls it unreachable. */
export const RETURN_WINDOW_MS = 10_000;

/** Verdicts in one transaction while a campaign is judged: intake waits some 100 ms for it. The sets are written anew with each, so fewer cost more. */
export const VERDICTS_PER_COMMIT = 16_384;

/** Devices judged between two turns of the event loop: some milliseconds. */
export const JUDGED_PER_TURN = 256;

/** Share (0..1) that is expected to answer at least: a plan for fewer would ask everybody. */
export const ANSWER_SHARE_MIN = 0.05;

/** Queries of the after-action a second: polite, since the fleet may be in trouble when they are sent. */
export const QUERY_RATE_PER_SECOND = 200;

/** Request bodies of the management API but for imports, which are streamed: commands, statements and lists of expected devices. */
export const API_BODY_BYTES_MAX = 64 * 1024 * 1024;

/** ms that an import is waited for before the answer says how far it is: a fleet of 100,000 is kept by then. */
export const IMPORT_PATIENCE_MS = 5_000;

/** Seconds without a byte until an answer is given up, the most that the runtime knows: a report and a load curve look at every device of a campaign. */
export const API_ANSWER_SECONDS_MAX = 255;

/** Characters of a streamed answer made in one turn of the event loop. */
export const STREAM_CHUNK_CHARACTERS = 64 * 1024;

/** Devices whose place in a campaign is computed at one go: some 10 ms, in which a gateway of the same process sends nothing. */
export const DEVICES_PER_TURN = 4_096;

/** 256 bits of randomness cannot be guessed; shorter saves nothing. */
export const TOKEN_BYTES = 32;

/** Commands a second when the operator does not say: what one gateway process does without holding others up. */
export const RATE_PER_SECOND = 50_000;

/** Share of a wave (0..1) that may fail before the campaign halts, when the operator does not say. */
export const FAILED_SHARE_MAX = 0.05;

/** Share of a wave (0..1) that may be missing before the campaign halts, when the operator does not say. */
export const MISSING_SHARE_MAX = 0.1;

/** ms after which devices of a gateway that stops are asked to come back, on average: it is started again in less. */
export const GOODBYE_DELAY_MS = 1_000;

/** ms after a start in which devices come back: the longest wait of an agent's reconnect (agent/limits.ts). */
export const REJOIN_MS = 60_000;

/** ms that a campaign may be sent when the upstream command does not say: a day, as `edict send` has it. */
export const UPSTREAM_EXPIRES_MS = 86_400_000;

/** ms for which the counts of hardware revisions are good: at ten million devices they take 80 ms of a core, and are asked for at every tick. */
export const KINDS_MS = 1_000;

/** Orders that whoever watches the gateway sees: the command of now, the one before, and a stop or two. */
export const WATCHED_ORDERS = 5;

/** Messages a minute from one upstream orchestrator: people sign what it orders. */
export const UPSTREAM_RATE_PER_MINUTE = 600;

/** ms of the depot's past that the planner looks at: long enough for a hundred requests of a canary, short enough to end with its cause. */
export const DEPOT_WINDOW_MS = 300_000;

/** ms between two notes of the depot's counts: the window is right to within one of them. */
export const DEPOT_SAMPLE_MS = 5_000;

/** ms between two looks for newcomers: a query over the fleet, 130 ms at ten million devices. Whoever has just bought a webcam can wait so long. */
export const NEWCOMERS_LOOK_MS = 10_000;

/** ms until an image repository that could not be read is read, and complained of, again: a person has to mend it. */
export const REPOSITORY_RETRY_MS = 60_000;

/** Devices of a campaign whose starts are recomputed; of more some stand for the others: of these the fullest of 120 buckets is right to some percent. */
export const LOAD_DEVICES_MAX = 200_000;

/** Devices whose load is worked out before the manager does something else: a few milliseconds. */
export const LOAD_SLICE_DEVICES = 1_000;
