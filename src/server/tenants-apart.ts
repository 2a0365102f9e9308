/**
 * What two tenants of one process may not have in common. A copied state directory would be two tenants in name only: whoever is
 * certified for one would be let in by the other, and what people sign for one, devices of the other would obey.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readAuthorities } from "../channel/gateway/peer-identity.ts";
import { ServerError } from "./errors.ts";
import type { State } from "./state-directory.ts";

/** Throws ERR_SERVER_STATE, naming both directories. */
export function checkApart(states: readonly State[]): void {
  const owners = new Map<string, string>();
  for (const state of states) {
    const { directory } = state.paths;
    for (const mark of new Set(marksOf(state))) {
      const owner = owners.get(mark);
      if (owner !== undefined)
        throw new ServerError("ERR_SERVER_STATE", `${owner} and ${directory} are not two tenants: both have ${mark}`);
      owners.set(mark, directory);
    }
  }
}

function* marksOf({ paths, config, tls, director, authority }: State): Iterable<string> {
  yield `the directory ${realpathSync(paths.directory)}`;
  yield `the name "${config.tenant}"`;
  for (const { publicKey } of readAuthorities(tls.caPem)) {
    const digest = createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
    yield `the device authority's key ${digest.slice(0, 16)}`;
  }
  // Only the director that this manager obeys itself: two fleets may well appoint the same manufacturer beside it.
  const newest = authority.directors.find(({ name }) => name === director.name) ?? director;
  for (const kid of Object.keys(newest.keys)) yield `the director's key ${kid}`;
}
