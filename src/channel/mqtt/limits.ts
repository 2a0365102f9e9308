/** Limits of what goes through a broker, each with its unit and reason. */

/** Seconds without a word until a broker may give us up; at most 300 (MQTT v1.0 §3.1). NAT tables forget after about a minute. */
export const KEEP_ALIVE_SECONDS = 60;

/** Share of the keep alive after which we ask the broker whether it is there (MQTT v1.0 §3.4). */
export const PING_SHARE = 0.95;

/** Seconds that a broker keeps our session and what waits in it while we are away: no command lives longer than a week. */
export const SESSION_EXPIRY_SECONDS = 604_800;

/** Bytes of one packet to us: an OpenC2 text is at most 16,384 (openc2/limits.ts), topic and properties stay below 1,024. */
export const PACKET_BYTES_MAX = 17_408;

/** Messages that a broker may send us before we have acknowledged the first: each waits for a disk. */
export const RECEIVE_MAX = 64;

/** Messages of ours that wait for a broker: about 16 MB at worst. Beyond it a sender hears that it is too many. */
export const OUTGOING_MAX = 1_000;

/** ms between tries to reach a broker: decorrelated jitter between these two, so that a restarted broker is not overrun. */
export const RECONNECT_MIN_MS = 500;
export const RECONNECT_MAX_MS = 60_000;

/** ms that TLS and CONNACK may take. */
export const CONNECT_MAX_MS = 10_000;

/** ms that a consumer has to keep a command; then the broker is not told that we have it, and sends it again. */
export const ACCEPT_MAX_MS = 10_000;

/** ms that a client that stops waits for its last messages to be taken. */
export const LEAVING_MAX_MS = 1_000;

/** Characters of a name that stands in a topic: device ids and namespaces are far shorter. */
export const TOPIC_LEVEL_CHARACTERS_MAX = 255;

/**
 * Seconds that a broker keeps a campaign's command for a device that is away. A stop cannot reach what lies in a broker, so little
 * lies there for long: a device that returns later checks in and is sent it then, if it is still to be sent.
 */
export const BROKER_HOLD_SECONDS = 60;
