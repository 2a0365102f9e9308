/** Offsets as people count them. Pure. */
import type { Place } from "../errors.ts";

/** 1-based line and column of an offset in UTF-16 code units; columns count characters, not code units. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { line, column: Array.from(before.slice(lineStart)).length + 1, offset };
}
