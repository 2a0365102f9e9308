/** The documents of trust that are in force, for people and for those who draft the next version. */
import { documentOf } from "../../trust/root-document.ts";
import type { JsonObject } from "../../openc2/index.ts";
import type { Authority } from "../../trust/verify/index.ts";

export interface TrustView {
  readonly map: JsonObject;
  readonly directors: readonly JsonObject[];
}

export function trustView({ map, directors }: Authority): TrustView {
  return { map: documentOf(map), directors: directors.map(documentOf) };
}
