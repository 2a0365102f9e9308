/** What a person must know first, in the same words in every rendering: how many are safe, who is not, what to do. Pure. */
import { VERDICTS, type VerdictName } from "../fleet/verdict.ts";
import type { Report } from "./report-model.ts";
import { nextOf, type Tone, VERDICT_FACTS } from "./verdict-facts.ts";
import { countText, devicesText, percentText } from "./wording.ts";

export interface Headline {
  readonly verified: string;
  readonly exposed: string;
  /** Nobody is exposed. */
  readonly good: boolean;
  /** One line per verdict that asks for something, most urgent first. */
  readonly todo: readonly string[];
}

const URGENCY: readonly Tone[] = ["bad", "open", "claim", "aside"];

/** All but verified, most urgent first. */
export const NOT_VERIFIED: readonly VerdictName[] = URGENCY.flatMap((tone) => VERDICTS.filter((name) => VERDICT_FACTS[name].tone === tone));

export function headlineOf(report: Report): Headline {
  const { targeted, verdicts, exposed, upstreamBytesForNone } = report;
  const todo = NOT_VERIFIED.filter((name) => VERDICT_FACTS[name].exposed && verdicts[name] > 0).map(
    (name) => `${devicesText(verdicts[name])} ${name}: ${nextOf(name, report)}`,
  );
  if (upstreamBytesForNone > 0) {
    todo.unshift(
      `${countText(upstreamBytesForNone)} bytes came up in answer to a command that asked for none: find the devices that sent them.`,
    );
  }
  return {
    verified: `${countText(verdicts.verified)} of ${devicesText(targeted)} verified (${percentText(verdicts.verified, targeted)}).`,
    exposed: exposed.count === 0 ? "Nobody is still exposed." : `${devicesText(exposed.count)} must be taken as still exposed.`,
    good: exposed.count === 0,
    todo,
  };
}
