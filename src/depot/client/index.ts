/** What an agent uses of the depot: nothing here signs, publishes or serves. */
export { DepotError, type DepotErrorCode } from "../errors.ts";
export type { Delta } from "../delta.ts";
export { DELTA_IMAGE_BYTES_MAX } from "../limits.ts";
export type { Release } from "../release.ts";
export { type BlobRequest, DepotClient, type DepotClientOptions, type Offer } from "./depot-client.ts";
export { mirrorOrder } from "./mirror-order.ts";
export { isPassing } from "./mirrors.ts";
export { checkSource } from "./source-guard.ts";
export { applyDelta } from "./zstd/apply-delta.ts";
