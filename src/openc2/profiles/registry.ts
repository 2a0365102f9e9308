/** The actuator profiles that this build knows. Pure. */
import type { Profile } from "./profile.ts";
import { xSwup } from "./x-swup/profile.ts";

export const PROFILES: ReadonlyMap<string, Profile> = new Map([xSwup].map((profile) => [profile.nsid, profile]));

/** Profiles that OASIS has published: their names need no `x-` (openc2 namespace registry). */
export const PUBLISHED_NSIDS: ReadonlySet<string> = new Set(["slpf"]);
