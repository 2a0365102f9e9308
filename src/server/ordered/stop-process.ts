/** A stop of a process: there is nothing to fetch, and the query alone says for whom it is. */
import type { JsonObject } from "../../openc2/model.ts";
import type { DraftTerms, StopDraft } from "../api/schemas.ts";
import type { State } from "../state-directory.ts";
import type { Ordered } from "./ordered.ts";

export function orderedStop({ target, actuator, args, ...written }: StopDraft, { query }: DraftTerms, { config }: State): Ordered {
  const { "x-iot": iot, ...others } = args;
  return {
    // It came as JSON; what a process is, the language checks when its messages are made.
    command: { ...written, target: target as JsonObject, args: { ...others, ...(iot && { "x-iot": iot }) }, ...(actuator && { actuator }) },
    request: { tenant: config.tenant, ...(query !== undefined && { query }) },
    imageBytes: 0,
    bytesOf: () => 0,
  };
}
