/** What an attack of this run is: who tries what, what stopped it, and what it would have cost. */
import type { Stage } from "./stage.ts";

export interface Attack {
  /** The number of the abuse case, for those of case 8 with the attack's name: "8-rollback". */
  readonly id: string;
  readonly title: string;
  /** Who attacks, and with what in hand. */
  readonly who: string;
  /** What it would have cost, had it not been stopped. */
  readonly cost: string;
  /** Makes it, live. */
  readonly run?: (stage: Stage) => Promise<readonly Blow[]>;
  /** What of it `npm test` makes as well, or makes alone because it needs a clock, a simulator or a hundred certificates. */
  readonly tests?: readonly NamedTests[];
}

export interface NamedTests {
  readonly file: string;
  /** Of tests or groups of them, or how they begin. */
  readonly titles: readonly string[];
}

/** One thing that was really tried. */
export interface Blow {
  readonly what: string;
  /** The check that stopped it: a stable code where there is one. */
  readonly stoppedBy: string;
  readonly held: boolean;
}
