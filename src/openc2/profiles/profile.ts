/** What an actuator profile brings (LS 1.0 §3.1.4): adding one means adding a folder and naming it in registry.ts. Pure. */
import type { Command } from "../model.ts";
import type { Check } from "../shape.ts";

export interface Profile {
  /** Namespace identifier; not published by OASIS means it starts with `x-`. */
  readonly nsid: string;
  /** Target name without the namespace -> its check. */
  readonly targets: Readonly<Record<string, Check>>;
  readonly args?: Check;
  readonly actuator?: Check;
  readonly results?: Check;
  /** Rules that need the whole command, which stands at the path: which action takes which target with what. Throws OpenC2Error. */
  readonly checkCommand?: (command: Command, path: string) => void;
  /** Action -> targets as they stand in a command, for `query features` pairs. */
  readonly pairs: Readonly<Record<string, readonly string[]>>;
}
