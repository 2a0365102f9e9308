/**
 * Which bytes a request asks for (RFC 9110 §14). One range at a time: a list of ranges is answered with the whole, as
 * the RFC allows, because many small ranges in one request are a known way to make a server work for nothing.
 */

export type Asked =
  | { readonly kind: "whole" }
  /** First and last byte, both included. */
  | { readonly kind: "part"; readonly first: number; readonly last: number }
  | { readonly kind: "unsatisfiable" };

interface RangeHeaders {
  readonly range?: string | undefined;
  readonly "if-range"?: string | undefined;
}

/** `etag` is the strong validator of what is there now; a date in If-Range never matches (§13.1.5). Pure. */
export function askedRange(headers: RangeHeaders, etag: string, size: number): Asked {
  const range = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range?.trim() ?? "");
  const ifRange = headers["if-range"];
  if (range === null || (ifRange !== undefined && ifRange !== etag)) return { kind: "whole" };
  const [, from = "", to = ""] = range;
  if (from === "" && to === "") return { kind: "whole" };
  if (from === "") {
    const tail = Math.min(Number(to), size);
    return tail === 0 ? { kind: "unsatisfiable" } : { kind: "part", first: size - tail, last: size - 1 };
  }
  const first = Number(from);
  if (to !== "" && Number(to) < first) return { kind: "whole" };
  if (first >= size) return { kind: "unsatisfiable" };
  return { kind: "part", first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

/** Whether If-None-Match names what the requester would get (§13.1.2). Pure. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
