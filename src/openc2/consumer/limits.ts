/** Limits of a consumer, each with its unit and reason. A caller may set lower or higher ones where options say so. */

/** Commands accepted and not finished: a scheduled campaign needs three. Each is at most 16 KiB, so 16 MB at worst. */
export const QUEUE_MAX = 1_024;

/** Of these, commands of one peer: half, so that one producer gone mad leaves room for the one that stops it. */
export const QUEUE_PER_PEER_MAX = 512;

/** Commands that run at the same time: handlers mostly wait, for a network, a disk, or the sync that must come before them. */
export const RUNNING_MAX = 64;

/** Deliveries that wait for an answer, retransmissions included: each holds a connection of the transfer. */
export const WAITING_MAX = 4_096;

/** ms that a handler may take: the longest known is a firmware download on a slow line, which reports instead of blocking. */
export const HANDLER_MAX_MS = 600_000;

/** Times that a command is begun: one that takes the process down with it must not do so forever. */
export const ATTEMPTS_MAX = 16;

/** ms that a finished command's answer is remembered: a transfer that retries for longer than a day is broken. */
export const REMEMBERED_MS = 86_400_000;

/**
 * Finished commands remembered of one peer: 60 a minute for an hour and more. Per peer, so that nobody can make the consumer
 * forget what another has sent, and so let it be replayed.
 */
export const REMEMBERED_PER_PEER_MAX = 4_096;

/** ms ahead that a command may be scheduled: a slot of the queue is held until then, and no campaign is planned for longer. */
export const START_AHEAD_MAX_MS = 366 * 86_400_000;

/** Characters of a request_id and of `from`: any string in LS 1.0 §3.2, but both are repeated in the answer, and one is kept. */
export const ID_CHARACTERS_MAX = 256;

/** Peers whose rate is watched; beyond it those that were not heard of for longest start anew. */
export const PEERS_MAX = 10_000;

/** ms until a store that failed is tried again: a full disk does not mend within milliseconds. */
export const STORE_RETRY_MS = 1_000;

/** ms between looks for what is older than that. */
export const PRUNE_MS = 60_000;

/** Every so many acceptances the peer of the last one is held to its share of memory: counting each time would cost more than it saves. */
export const ACCEPTANCES_PER_PRUNE = 64;
