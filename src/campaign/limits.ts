/** The limits of a campaign, each with its unit and reason. */

/** Share of the targeted devices in the canary: enough to be a sample, few enough to be lost without an outage. */
export const CANARY_SHARE = 0.05;

/** Devices in a canary at least (all, when there are fewer): below this one failure decides nothing. */
export const CANARY_COUNT_MIN = 10;

/** Devices in a canary of most fleets: 300 healthy ones bound the failure rate below 1 % at 95 % (rule of three). */
export const CANARY_COUNT_USUAL = 300;

/** Devices in any canary that nobody asked for: 3,000 healthy ones bound the failure rate below 0.1 %. */
export const CANARY_COUNT_MAX = 3_000;

/** Share of a large fleet in its canary: a patch that kills all it touches is halted before a thousandth was touched. */
export const CANARY_LARGE_SHARE = 0.000_9;

/** Share of the cohort that is held back to the end, to compare with: the smallest share that still says something of a small fleet. */
export const CONTROL_SHARE = 0.02;

/** Devices held back at most: 3,000 tell a background of 0.5 % from one of 1 %, and a larger group would wait unpatched for nothing. */
export const CONTROL_COUNT_MAX = 3_000;

/**
 * Share of a model that may be told before anything is known, without a reason. In October 2023 one ISP lost 49 % of its modems, all of one
 * model, in three days; a tenth is what its people can exchange.
 */
export const CANARY_MODEL_SHARE_MAX = 0.1;

/** A wave holds at most this many times the one before (DESIGN section 8), so a fault that hid in one meets a bounded next. */
export const GROWTH_MAX = 4;

/** Waves of a campaign. From one canary at growth 4, a billion devices take 16; more than this is a mistaken ladder. */
export const WAVES_MAX = 256;

/**
 * Waves in which devices that appear later join a campaign. Each is an order that gateways hold until the permit ends and, after a start,
 * read again together with the cohort (4 MB for ten million, ADR 24); with a permit of a day they are 22 minutes apart at the least.
 */
export const NEWCOMER_WAVES_MAX = 64;

/** Devices that may join a campaign: as many as a fleet has ordinals. People say how many; this only keeps out what is no number of devices. */
export const NEWCOMERS_MAX = 2 ** 32;

/** ms. A calm campaign soaks for an hour: long enough for a boot loop to show itself. An emergency says less. */
export const SOAK_DEFAULT_MS = 3_600_000;

/** Share of those sent to that must be back before a wave is judged early. */
export const SETTLED_SHARE_DEFAULT = 0.95;

/** ms. How long a calm campaign waits for stragglers of a wave before it is judged without them. */
export const SETTLE_DEFAULT_MS = 7_200_000;

/** ms. A device that a calm campaign has not seen for so long is lost: longer than a slow boot with a check of its file system. */
export const LOST_DEFAULT_MS = 600_000;

/**
 * An emergency goes on as soon as half of a wave is back, and does not soak; everything else is as ever. Devices take a minute or two to
 * return, and the ladder of a million has six steps: at a share of 95 % it would take longer than ten minutes.
 */
export const EMERGENCY = { soakMs: 0, settledShare: 0.5, settleMaxMs: 300_000, lostAfterMs: 150_000 } as const;

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Priorities of overlapping campaigns: more than an emergency, a calm one and some between them nobody keeps apart at night. */
export const PRIORITY_MAX = 9;

/** An emergency's, when nobody says another; a calm campaign has 0. */
export const PRIORITY_EMERGENCY = 5;

/** Share of healthy campaigns that the sequential tests may halt, whatever their size and however long they are watched. */
export const HALT_ALPHA = 0.01;

/** Share of devices that may be lost beyond those of the control group: no update of a million devices loses none. */
export const EXCESS_TOLERATED_SHARE = 0.002;

/** Standard deviations by which the control group may have been lucky: one in a thousand is luckier. */
export const CONTROL_DEVIATIONS = 3.09;

/** Hardware revisions that are watched each by itself: each one more makes the test of all of them slower. */
export const KINDS_MAX = 8;

/** The excess (0..1) that has to be excluded, with a probability to miss it of EXCESS_PROOF_BETA, before the ladder leaves PROOF_SHARE. */
export const EXCESS_SHARE = 0.01;
export const EXCESS_PROOF_BETA = 0.05;

/** Share of the cohort that may be commanded on the absence of evidence; the step beyond it needs proof of health, or the wave's full time. */
export const PROOF_SHARE = 0.01;

/** Devices commanded before proof is asked for: with fewer, not even the rule of three excludes an excess of 1 %. */
export const PROOF_COUNT_MIN = 300;

/** Devices of which a healthy patch proves itself nearly always, at a background of 0.5 %: with fewer, chance may withhold the proof. */
export const PROOF_COUNT_SURE = 3_000;

/** Starts of a device in LOOP_MS that make a boot loop: an update with its rollback takes two. */
export const LOOP_BOOTS = 4;

/** ms */
export const LOOP_MS = 3_600_000;

/** Share of the depot's answers that may be errors of its own, counted from DEPOT_REQUESTS_MIN on: beyond it devices fail through no fault of theirs. */
export const DEPOT_ERROR_SHARE_MAX = 0.05;
export const DEPOT_REQUESTS_MIN = 100;

/** Characters of a command id as the operator wrote it: LS 1.0 allows 36, and `-c` or `-q` is appended. */
export const BASE_ID_CHARACTERS_MAX = 34;

/** ms. How long a permit may last: a forgotten campaign must not wake up next year. */
export const PERMIT_WINDOW_MAX_MS = 90 * 86_400_000;

/** Steps of a playbook: more than people can read before they sign. */
export const PLAYBOOK_STEPS_MAX = 16;

/** Characters of a reason given by a person, kept in the campaign and in the ledger. */
export const REASON_CHARACTERS_MAX = 500;

/** Characters of one line of an exported ledger: an act is a few hundred; a longer line was not written by Edict. */
export const LEDGER_LINE_CHARACTERS_MAX = 65_536;

/** Ledger entries read from the store at once: some hundred KiB. */
export const LEDGER_PAGE = 1_000;

/** Reports of who was sent an order that are kept as they came before they are united: of ten million devices the whole set is over a MiB. */
export const SENT_PARTS_MAX = 64;

/** ms. How far ahead of the manager's clock a signed statement may be: one from the future could be used again on a later halt. */
export const STATEMENT_AHEAD_MAX_MS = 300_000;

/** Devices whose place in the waves is worked out at one go: a few milliseconds. */
export const DEVICES_PER_STEP = 16_384;

/** Points of a load curve over one wave's spread: as many as a terminal or a page can draw. */
export const LOAD_BUCKETS_MAX = 120;
