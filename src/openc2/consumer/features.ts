/** `query features`, the one command that every consumer answers (LS 1.0 §4.1). Pure. */
import type { Command, Feature, Response, Results } from "../model.ts";
import type { Registry } from "./registry.ts";

const NAMES: readonly Feature[] = ["versions", "profiles", "pairs", "rate_limit"];

export class Features {
  readonly #registry: Registry;
  readonly #ratePerMinute: number;
  /** Each of the few answers there are is made once: one for any features of one profile or of all. */
  readonly #made = new Map<string, Response>();

  constructor(registry: Registry, ratePerMinute: number) {
    this.#registry = registry;
    this.#ratePerMinute = ratePerMinute;
  }

  /** Its arguments were checked when it was read; that a feature stands twice is tolerated. With an actuator: of that profile alone. */
  answer({ target, actuator }: Command): Response {
    const { features } = target as { readonly features: readonly Feature[] };
    const chosen = NAMES.filter((name) => features.includes(name));
    const [nsid] = Object.keys(actuator ?? {});
    const key = `${nsid ?? ""} ${chosen.join()}`;
    const response = this.#made.get(key) ?? this.#make(chosen, nsid);
    this.#made.set(key, response);
    return response;
  }

  #make(chosen: readonly Feature[], nsid: string | undefined): Response {
    const all: Results = {
      versions: ["1.0"],
      profiles: nsid === undefined ? [...this.#registry.profiles.keys()] : [nsid],
      pairs: this.#registry.pairs(nsid),
      rate_limit: this.#ratePerMinute,
    };
    // Results with nothing in them are no valid results (§3.3.2).
    return { status: 200, ...(chosen.length > 0 && { results: Object.fromEntries(chosen.map((name) => [name, all[name]])) }) };
  }
}
