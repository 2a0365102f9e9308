/** The x-swup profile: checks of its target, args and results, and which command needs what. docs/profiles/x-swup.md. Pure. */
import { SOFTWARE_BYTES_MAX, URI_CHARACTERS_MAX, WORD_CHARACTERS_MAX } from "../../limits.ts";
import type { Command, JsonObject } from "../../model.ts";
import { boolean, type Check, closedMap, fail, integer, listOf, oneOf, text } from "../../shape.ts";
import { commandId, hexOf } from "../../targets.ts";
import type { Profile } from "../profile.ts";
import { SOFTWARE_TARGET, UPDATE_STATES, X_SWUP } from "./model.ts";

/** People read these before they sign: nothing invisible, nothing that turns the line around (bidirectional controls), not empty. */
const word = text({ pattern: /^[^\p{C}\p{Zl}\p{Zp}]+$/u, what: "a printable name", least: 1, most: WORD_CHARACTERS_MAX });
/** No user, no fragment: the host that a person reads is the host that is asked. */
const httpsUri = text({
  pattern: /^https:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][^\s<>"{}|\\^`#]*)?$/i,
  what: "an https URI without user and fragment",
  most: URI_CHARACTERS_MAX,
});
const digests = closedMap({ sha256: hexOf(256), sha384: hexOf(384), sha512: hexOf(512) });
const time = integer({ least: 0 });

/** Members of the target; the import of old text checks them one by one. */
export const SOFTWARE_MEMBERS: Readonly<Record<string, Check>> = {
  vendor: word,
  name: word,
  old_version: word,
  new_version: word,
  source: httpsUri,
  size: integer({ least: 1, most: SOFTWARE_BYTES_MAX }),
  hashes: digests,
  media_type: word,
  hardware: listOf(word, { least: 1, unique: true }),
};
const software = closedMap(SOFTWARE_MEMBERS);

const installed = closedMap(
  { vendor: word, name: word, version: word, hashes: digests, hardware: word },
  { required: ["vendor", "name", "version"] },
);
const lastUpdate = closedMap(
  { command_id: commandId, new_version: word, state: oneOf(UPDATE_STATES), error: word },
  { required: ["command_id", "new_version", "state"] },
);

/** What `update` cannot do without: what it is, where it comes from, how long it is, and its digest. */
const UPDATE_NEEDS = ["name", "new_version", "source", "size", "hashes"] as const;

export const xSwup: Profile = {
  nsid: X_SWUP,
  targets: { software },
  args: closedMap({ not_after: time, spread: time, reboot: oneOf(["no", "if_needed"]), allow_downgrade: boolean }),
  actuator: closedMap({}, { least: 0 }),
  results: closedMap({ software: installed, last_update: lastUpdate }),
  checkCommand,
  pairs: { query: [SOFTWARE_TARGET], update: [SOFTWARE_TARGET] },
};

function checkCommand({ action, target, args }: Command, root: string): void {
  const wanted = (target as JsonObject)[SOFTWARE_TARGET] as JsonObject | undefined;
  if (wanted === undefined) return;
  const path = `${root}.target.${SOFTWARE_TARGET}`;
  if (action !== "update" && action !== "query")
    fail("ERR_OPENC2_UNSUPPORTED", `${root}.action`, `${action} does not go with ${SOFTWARE_TARGET}`, "x-swup §2");
  if (args?.stop_time !== undefined || args?.duration !== undefined)
    fail("ERR_OPENC2_UNSUPPORTED", `${root}.args`, "stop_time and duration do not apply", "x-swup §2.3");
  if (action !== "update") return;
  for (const name of UPDATE_NEEDS)
    if (!(name in wanted)) fail("ERR_OPENC2_MISSING", `${path}.${name}`, "an update needs it", "x-swup §2.1");
  const hashes = wanted["hashes"] as JsonObject;
  if (!("sha256" in hashes)) fail("ERR_OPENC2_MISSING", `${path}.hashes.sha256`, "an update needs it", "x-swup §2.1");
}
