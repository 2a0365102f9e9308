/** Limits of channels and gateways, each with its unit and reason. */

/** Bytes of an HTTP request head: a WebSocket upgrade needs 300; what is longer is somebody else's protocol. */
export const HEAD_BYTES_MAX = 4_096;

/** Header lines of an upgrade: browsers send about 15. */
export const HEAD_LINES_MAX = 32;

/** Bytes of one message from a device: a check-in is 600, below 2,000 when it is signed; a response below 1,500. */
export const UPWARD_MESSAGE_BYTES_MAX = 8_192;

/** Bytes of one message to a device: a signed command is at most 4,096, a document of trust 24,576 (trust/limits.ts). */
export const DOWNWARD_MESSAGE_BYTES_MAX = 25_600;

/** Frames that one message may be split into: nobody here needs more than one. */
export const MESSAGE_FRAGMENTS_MAX = 16;

/** Frames and bytes a second from one device, and as much at once: a check-in, an answer and pongs, never a stream. */
export const UPWARD_FRAMES_PER_SECOND_MAX = 20;
export const UPWARD_BYTES_PER_SECOND_MAX = 32_768;

/** Bytes that may wait for one channel: eight commands. A device that takes less than that is told to come back later. */
export const QUEUE_BYTES_MAX = 32_768;

/**
 * ms from accepting a connection until it stands: TLS and upgrade take two round trips; a slow link gets ten seconds. A message
 * that is posted has to be whole by then: 8 KiB take two seconds at 32 kbit/s.
 */
export const OPENING_MAX_MS = 10_000;

/** ms of these that the TLS handshake may take: whoever says nothing holds a place for half as long as whoever is slow. */
export const HANDSHAKE_MAX_MS = 5_000;

/** ms that a device has for its first check-in; then orders are sent to it without knowing what it remembers. */
export const CHECK_IN_MAX_MS = 2_000;

/** ms from our closing a connection until it is cut off: a peer that does not let go keeps memory, and means to. */
export const CLOSING_MAX_MS = 5_000;

/** ms that a stopping gateway waits for its channels to let go, so that their goodbyes arrive. */
export const STOPPING_MAX_MS = 1_000;

/** Handshakes begun a second, and as many at once: 0.37 ms of CPU each, so that a storm leaves two thirds of a core to the rest. */
export const HANDSHAKES_PER_SECOND_MAX = 1_000;

/** Bytes of a device's certificate: a P-256 one has about 420, an RSA one 1,300; what is longer carries something that is not ours. */
export const CERTIFICATE_BYTES_MAX = 4_096;

/** Bits of an RSA key: 112 bits of security, the least that is allowed today (NIST SP 800-57 part 1, table 2). */
export const RSA_BITS_MIN = 2_048;

/** Characters of a device's identity: what the fleet takes for any fact. */
export const DEVICE_ID_CHARACTERS_MAX = 255;

/** ms that an older channel has to answer when its identity comes a second time: a satellite's round trip is below one second. */
export const CLONE_ANSWER_MAX_MS = 3_000;

/** ms that a gateway itself keeps a cloned identity out: the manager knows of it after 100 ms, or after its restart. */
export const CLONE_KEPT_OUT_MS = 60_000;

/** ms without anything from a device until it is asked (ping), and until it is given up. NAT tables forget after about a minute. */
export const IDLE_PING_MS = 50_000;
export const IDLE_DEAD_MS = 120_000;

/** Random bytes that a stream begins with and its device's posts have to name: nobody guesses 128 bits. */
export const STREAM_SECRET_BYTES = 16;

/** ms between sweeps that look for channels past their time: one timer for all. */
export const SWEEP_MS = 1_000;

/** Channels of one gateway process: 20,000 open files are what a process may have here, some are needed elsewhere. */
export const CHANNELS_MAX = 19_000;

/** ms that a slice of the fan-out may hold the event loop: half of the 20 ms that healthy channels can bear. */
export const SLICE_MS = 10;

/** Channels written to before the clock is looked at again. */
export const SLICE_CHANNELS = 64;

/** Ordinals that are marked together: more than a slice writes to. */
export const BATCH_ORDINALS = 4_096;

/** Longest burst of a paced campaign, in seconds of its pace: enough to use a slice, too short to feel. */
export const PACE_BURST_SECONDS = 0.05;

/** ms until a very slow pace is looked at again. */
export const PACE_LOOK_MAX_MS = 1_000;

/** ms between reports of who was sent to: they are persisted at least every 250 ms. */
export const REPORT_MS = 100;

/**
 * Reports that wait for a manager that does not take them: about 100 MB. Beyond it connections are refused, and a device that
 * says something is told to come back later and say it then: nothing that was accepted is forgotten.
 */
export const REPORTS_WAITING_MAX = 200_000;

/** Reports that may wait before refusals are only logged and counted: whoever knocks must not use up what devices' reports need. */
export const REFUSALS_WAITING_MAX = 20_000;

/** Reports in one batch: one transaction of the manager's, a few milliseconds. */
export const REPORTS_PER_BATCH = 5_000;

/** ms without a sign of life from the manager until a gateway stops sending by itself. */
export const MANAGER_SILENCE_MAX_MS = 60_000;

/** ms between signs of life. */
export const HEARTBEAT_MS = 5_000;

/** Bytes of one message between the manager and a part of the gateway: a batch of reports is 2 MB, an order for ten million 4 MB. */
export const BACKPLANE_MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of orders in one answer; base64 and JSON make them a third larger. */
export const BACKPLANE_ORDER_BYTES_MAX = 16 * 1024 * 1024;

/** Bytes that may wait for the other end of the backplane: an answer, and nudges behind it. */
export const BACKPLANE_QUEUE_BYTES_MAX = 2 * BACKPLANE_MESSAGE_BYTES_MAX;

/** ms between attempts to find a manager that has gone: a start takes it about a second. */
export const BACKPLANE_RETRY_MS = 250;

/** ms after which a worker of the gateway that died is started again: a fault at its start must not be a busy loop. */
export const WORKER_RETRY_MS = 1_000;

/** Workers of one gateway: more than any machine has cores. */
export const WORKERS_MAX = 256;

/** ms between a part's words of itself to the manager: what a person who watches sees as "now". */
export const STATS_MS = 1_000;

/** ms for which the worst of a figure is kept, and once more: longer than the 15 to 60 s between two looks of a monitoring system. */
export const RECENT_WINDOW_MS = 60_000;

/** ms between looks at how late the event loop is: a delay that a healthy channel would feel (SLICE_MS twice) is seen. */
export const LOOP_LOOK_MS = 20;

/** Command ids in a check-in: more than a device can have been sent while it was away. */
export const SEEN_IN_CHECK_IN_MAX = 16;

/** Longest delay of a goodbye that a device heeds: whatever a gateway says, the device is back within the hour. */
export const GOODBYE_DELAY_MAX_MS = 3_600_000;

/** ms until a consumer looks at the wall clock again, however far the next command is: timers do not see that it was set. */
export const CONSUMER_LOOK_MAX_MS = 1_000;
