/** The x-swup profile: checks of its target, args and results, and which command needs what. docs/profiles/x-swup. Pure. */
import { SOFTWARE_BYTES_MAX, URI_CHARACTERS_MAX } from "../../limits.ts";
import { type Faults, gather } from "../../faults.ts";
import type { Command } from "../../model.ts";
import { boolean, type Check, closedMap, fail, integer, listOf, oneOf, text } from "../../shape.ts";
import { artifact, commandId, hexOf } from "../../targets.ts";
import type { Profile } from "../profile.ts";
import { time, word } from "../words.ts";
import { type Software, SOFTWARE_TARGET, UPDATE_STATES, X_SWUP } from "./model.ts";

/** No user, no fragment: the host that a person reads is the host that is asked. */
const httpsUri = text({
  pattern: /^https:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?][^\s<>"{}|\\^`#]*)?$/i,
  what: "an https URI without user and fragment",
  most: URI_CHARACTERS_MAX,
});
const digests = closedMap({ sha256: hexOf(256), sha384: hexOf(384), sha512: hexOf(512) });

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
  manifest: artifact,
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
  pairs: { query: ["features", SOFTWARE_TARGET], update: [SOFTWARE_TARGET], cancel: ["command"] },
  matrixClause: "x-swup §2",
  checkCommand,
  checkMass,
};

function checkCommand({ action, target, args }: Command, root: string, faults?: Faults): void {
  if (args?.stop_time !== undefined || args?.duration !== undefined)
    fail("ERR_OPENC2_UNSUPPORTED", `${root}.args`, "stop_time and duration do not apply", "x-swup §2.3");
  if (action !== "update") return;
  const { [SOFTWARE_TARGET]: wanted } = target as { readonly [SOFTWARE_TARGET]: Software };
  const need = (map: object | undefined, name: string, at = "") => {
    if (map === undefined || name in map) return;
    const path = `${root}.target.${SOFTWARE_TARGET}${at}.${name}`;
    gather(faults, () => fail("ERR_OPENC2_MISSING", path, "an update needs it", "x-swup §2.1"));
  };
  for (const name of UPDATE_NEEDS) need(wanted, name);
  need(wanted.hashes, "sha256", ".hashes");
  const { manifest } = wanted;
  need(manifest, "payload", ".manifest");
  // A manifest that is fetched is bound by its digest, or whoever serves it could choose another one.
  if (manifest?.payload === undefined || !("url" in manifest.payload)) return;
  need(manifest, "hashes", ".manifest");
  need(manifest.hashes, "sha256", ".manifest.hashes");
}

function checkMass({ args }: Command): void {
  if (args?.[X_SWUP]?.not_after === undefined)
    fail("ERR_OPENC2_UNSAFE", `$.args.${X_SWUP}.not_after`, "a command to many devices must say until when it holds", "x-swup §2.5");
}
