/** `query features`, the one command that every consumer answers (LS 1.0 §4.1). Pure. */
import type { Command, Feature, Response, Results } from "../model.ts";
import type { Registry } from "./registry.ts";

/** Its arguments were checked when it was read; that a feature stands twice is tolerated. With an actuator: of that profile alone. */
export function featuresResponse({ target, actuator }: Command, registry: Registry, ratePerMinute: number): Response {
  const requested: readonly string[] = (target as { readonly features: readonly Feature[] }).features;
  const [nsid] = Object.keys(actuator ?? {});
  const all: Results = {
    versions: ["1.0"],
    profiles: nsid === undefined ? [...registry.profiles.keys()] : [nsid],
    pairs: registry.pairs(nsid),
    rate_limit: ratePerMinute,
  };
  const chosen = Object.entries(all).filter(([name]) => requested.includes(name));
  // Results with nothing in them are no valid results (§3.3.2).
  return { status: 200, ...(chosen.length > 0 && { results: Object.fromEntries(chosen) }) };
}
