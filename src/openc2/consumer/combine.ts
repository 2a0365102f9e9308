/**
 * One response out of several, when a command names no profile and several act on it. LS 1.0 knows one response per command, so
 * the worst status is the whole's: a producer that reads 200 stops looking, and must not when one part failed. What each did
 * stands in the results under its own NSID and, if not all went well, in the text. Pure.
 */
import { STATUS_TEXT_CHARACTERS_MAX } from "../limits.ts";
import type { Response, Results, Status } from "../model.ts";

export interface Part {
  /** Of the profile that answered, or the language's own. */
  readonly name: string;
  readonly response: Response;
}

/** From worst to best: faults of the consumer, then refusals, then what is not there, then what is not known. */
const WORST_FIRST: readonly Status[] = [500, 503, 403, 401, 400, 404, 501, 102, 200];

/** Throws RangeError for no parts. */
export function combine(parts: readonly Part[]): Response {
  const [only, ...others] = parts;
  if (only === undefined) throw new RangeError("there is nothing to combine");
  if (others.length === 0) return only.response;
  const status = WORST_FIRST.find((worst) => parts.some(({ response }) => response.status === worst)) ?? 500;
  const results: Results = Object.assign({}, ...parts.map(({ response }) => response.results));
  const text = parts.map(({ name, response }) => `${name}: ${response.status}${response.status_text ? ` ${response.status_text}` : ""}`);
  return {
    status,
    ...(status !== 200 && { status_text: text.join("; ").slice(0, STATUS_TEXT_CHARACTERS_MAX).toWellFormed() }),
    ...(Object.keys(results).length > 0 && { results }),
  };
}
