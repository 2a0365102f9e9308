/** The limits of a campaign, each with its unit and reason. */

/** Share of the targeted devices in the canary: enough to be a sample, few enough to be lost without an outage. */
export const CANARY_SHARE = 0.05;

/** Devices in a canary at least (all, when there are fewer): below this one failure decides nothing. */
export const CANARY_COUNT_MIN = 10;

/** Devices in a canary at most: 300 healthy ones bound the failure rate below 1 % at 95 % (rule of three). */
export const CANARY_COUNT_MAX = 300;

/**
 * Share of a model that may be told before anything is known, without a reason. In October 2023 one ISP lost 49 % of its modems, all of one
 * model, in three days; a tenth is what its people can exchange.
 */
export const CANARY_MODEL_SHARE_MAX = 0.1;

/** A wave holds at most this many times the one before (DESIGN section 8), so a fault that hid in one meets a bounded next. */
export const GROWTH_MAX = 4;

/** Waves of a campaign. From one canary at growth 4, a billion devices take 16; more than this is a mistaken ladder. */
export const WAVES_MAX = 256;

/** ms. A calm campaign soaks for an hour: long enough for a boot loop to show itself. An emergency says less. */
export const SOAK_DEFAULT_MS = 3_600_000;

/** Share of those sent to that must be back before a wave is judged early. */
export const SETTLED_SHARE_DEFAULT = 0.95;

/** ms. How long a calm campaign waits for stragglers of a wave before it is judged without them. */
export const SETTLE_DEFAULT_MS = 7_200_000;

/** Characters of a command id as the operator wrote it: LS 1.0 allows 36, and `-c` or `-q` is appended. */
export const BASE_ID_CHARACTERS_MAX = 34;

/** ms. How long a permit may last: a forgotten campaign must not wake up next year. */
export const PERMIT_WINDOW_MAX_MS = 90 * 86_400_000;

/** Characters of a reason given by a person, kept in the campaign and in the ledger. */
export const REASON_CHARACTERS_MAX = 500;

/** Characters of one line of an exported ledger: an act is a few hundred; a longer line was not written by Edict. */
export const LEDGER_LINE_CHARACTERS_MAX = 65_536;

/** Ledger entries read from the store at once: some hundred KiB. */
export const LEDGER_PAGE = 1_000;

/** ms. How far ahead of the manager's clock a signed statement may be: one from the future could be used again on a later halt. */
export const STATEMENT_AHEAD_MAX_MS = 300_000;
