/** Limits of enrolment, each with its unit and its reason. */

/** Bytes of a request's body: a P-384 request with names has about 700 in base64, an RSA one of 4,096 bits 2,400. */
export const REQUEST_BYTES_MAX = 8_192;

/** Bytes of a request's head. */
export const HEAD_BYTES_MAX = 8_192;

/** Requests a minute from one certificate: a device asks once a year, and again when an answer was lost. */
export const REQUESTS_PER_MINUTE_MAX = 6;

/** Certificates that are watched for their pace at a time: 100 bytes each. */
export const PEERS_WATCHED_MAX = 100_000;

/** Requests a second from all devices together: issuing costs about 1 ms of one core, and a fleet does not renew at once. */
export const REQUESTS_PER_SECOND_MAX = 100;

/** Connections at a time; each brings one request and goes. */
export const CONNECTIONS_MAX = 2_000;

/** ms for a handshake, and then for a request to arrive and its answer to be taken. */
export const HANDSHAKE_MAX_MS = 5_000;
export const CONNECTION_MAX_MS = 10_000;

/** Seconds after which a device that waits for a person asks again: people do not decide within seconds. */
export const WAIT_SECONDS = 300;

/** Seconds after which a device that was too fast asks again. */
export const PACE_SECONDS = 60;

/** Share of a certificate's life (0..1) after which the same key gets a new certificate instead of the same one. */
export const RENEWED_AFTER_SHARE = 2 / 3;

/** Requests of one device that wait for a person at a time: a genuine one has one key and perhaps lost another. */
export const WAITING_PER_DEVICE_MAX = 4;

/** Devices in one import of factory identities: an API body's worth. */
export const EXPECTED_MAX = 100_000;
