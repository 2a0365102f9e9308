/** The actuator profiles that this build knows. A consumer implements fewer: it makes a set of its own. Pure. */
import { type ProfileSet, profileSet } from "./profile.ts";
import { slpf } from "./slpf/profile.ts";
import { xIot } from "./x-iot/profile.ts";
import { xSwup } from "./x-swup/profile.ts";

export const PROFILES: ProfileSet = profileSet(xSwup, xIot, slpf);

/** Profiles that OASIS has published: their names need no `x-` (openc2 namespace registry). */
export const PUBLISHED_NSIDS: ReadonlySet<string> = new Set(["slpf"]);
