/**
 * Names that profiles bring (LS 1.0 §3.1.4): targets as `nsid:name`; args, actuators and results under the bare NSID.
 * Well-formed but unknown to this build is "unsupported" (501), malformed is wrong (400). Pure.
 */
import { NSID_CHARACTERS_MAX } from "./limits.ts";
import type { JsonValue } from "./model.ts";
import { PROFILES, PUBLISHED_NSIDS } from "./profiles/registry.ts";
import { asObject, fail, strangerAt } from "./shape.ts";

export interface ReadOptions {
  /**
   * "known" (default): a profile that this build does not have is refused with 501. "any": it passes when its name is
   * well formed, and its content is not looked at; for tools that only carry messages.
   */
  readonly profiles?: "known" | "any";
}

const NSID = /^x-[A-Za-z0-9][A-Za-z0-9_-]*$/;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

export function checkExtensionTarget(key: string, value: JsonValue, path: string, { profiles = "known" }: ReadOptions): void {
  const [nsid = "", name = "", ...rest] = key.split(":");
  if (!isNsid(nsid) || !NAME.test(name) || rest.length > 0)
    fail("ERR_OPENC2_UNKNOWN", strangerAt(path, key), "no such target", "LS 1.0 §3.1.4");
  const check = PROFILES.get(nsid)?.targets[name];
  if (check !== undefined) check(value, `${path}.${key}`);
  else if (profiles === "known" || PROFILES.has(nsid))
    fail("ERR_OPENC2_UNSUPPORTED", `${path}.${key}`, "this target is not supported", "LS 1.0 §3.3.2.1");
}

export function checkExtension(
  part: "args" | "actuator" | "results",
  nsid: string,
  value: JsonValue,
  path: string,
  { profiles = "known" }: ReadOptions,
): void {
  const at = strangerAt(path, nsid);
  if (!isNsid(nsid)) fail("ERR_OPENC2_UNKNOWN", at, "there is no such member, and no profile is named so", "LS 1.0 §3.1.4");
  const profile = PROFILES.get(nsid);
  if (profile === undefined) {
    asObject(value, at);
    if (profiles === "known") fail("ERR_OPENC2_UNSUPPORTED", at, "this profile is not supported", "LS 1.0 §3.3.2.1");
    return;
  }
  const check = profile[part];
  if (check === undefined) fail("ERR_OPENC2_UNSUPPORTED", at, `this profile has no ${part}`);
  check(value, at);
}

function isNsid(text: string): boolean {
  return text.length <= NSID_CHARACTERS_MAX && (NSID.test(text) || PUBLISHED_NSIDS.has(text));
}
