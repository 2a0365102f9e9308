/** What an agent uses of the depot: nothing here signs, publishes or serves. */
export { DepotError, type DepotErrorCode } from "../errors.ts";
export type { Release } from "../release.ts";
export { type BlobRequest, DepotClient, type DepotClientOptions } from "./depot-client.ts";
export { checkSource } from "./source-guard.ts";
