/** Limits of the HTTPS transfer, each with its unit and reason. The head of a request has those of channels (channel/limits.ts). */

/** Bytes of a request's body: what the language reads at most (openc2/limits.ts). */
export const BODY_BYTES_MAX = 16_384;

/** Bytes of the line before a chunk, and of all trailer lines together: sizes take 4, extensions nobody sends. */
export const CHUNK_LINE_BYTES_MAX = 256;

/** Bytes that may wait behind a request that is being answered: one more request of the largest kind. */
export const PIPELINED_BYTES_MAX = 20_480;

/** Connections of one consumer, and of one peer: a producer keeps a handful; each costs about 20 KiB. */
export const CONNECTIONS_MAX = 10_000;
export const CONNECTIONS_PER_PEER_MAX = 256;

/** Requests a second of one peer, and as many at once: one core answers about 40,000, so that two peers cannot starve a third. */
export const REQUESTS_PER_SECOND_PER_PEER_MAX = 10_000;

/** Requests under way in the whole consumer: beyond it the answer is 503, before memory is. */
export const REQUESTS_UNDER_WAY_MAX = 4_096;

/** ms for TLS, and for each request from its first byte to its last: 16 KiB over a slow link take three seconds. */
export const REQUEST_MAX_MS = 10_000;

/** ms without a request until a connection is closed: longer than producers pause between commands, shorter than NAT forgets. */
export const IDLE_MAX_MS = 50_000;

/** ms that a peer has to take its answer, and to let go of a connection that we closed. */
export const ANSWER_TAKEN_MAX_MS = 10_000;
export const LETTING_GO_MAX_MS = 2_000;

/** ms that answers under way have when a consumer stops: what was accepted is on disk, and is done by the next one. */
export const STOPPING_MAX_MS = 2_000;

/** ms between sweeps that look for connections past their time: one timer for all. */
export const SWEEP_MS = 500;

/** Mean of Retry-After, seconds; each refusal gets half to one and a half of it, or all would come back at once. */
export const RETRY_AFTER_SECONDS = 10;

/** Characters of an id that is copied into X-Request-ID: a UUID has 36. */
export const REQUEST_ID_CHARACTERS_MAX = 128;

/** Connections of a producer to one consumer: commands to one device are few, an orchestrator's queries may overlap. */
export const CONNECTIONS_PER_CONSUMER_MAX = 16;

/** Bytes of an answer: what the language reads at most. */
export const ANSWER_BYTES_MAX = 16_384;
