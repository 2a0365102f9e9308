/** Which bytes a request asks for: RFC 9110 §14 by example. */
import { expect, test } from "bun:test";
import { askedRange, isNotModified } from "../../src/depot/byte-range.ts";

const ETAG = '"abc"';
const whole = { kind: "whole" } as const;
const part = (first: number, last: number) => ({ kind: "part", first, last }) as const;

test.each([
  ["bytes=0-", part(0, 99)],
  ["bytes=10-19", part(10, 19)],
  ["bytes=99-99", part(99, 99)],
  ["bytes=10-1000", part(10, 99)],
  ["bytes=-5", part(95, 99)],
  ["bytes=-500", part(0, 99)],
  ["bytes=100-", { kind: "unsatisfiable" } as const],
  ["bytes=-0", { kind: "unsatisfiable" } as const],
  ["bytes=20-10", whole],
  ["bytes=-", whole],
  ["bytes=0-1,5-6", whole],
  ["octets=0-1", whole],
  ["bytes=a-b", whole],
  ["bytes=99999999999999999999-", whole],
])("of 100 bytes, %s asks for %p", (range, asked) => {
  expect(askedRange({ range }, ETAG, 100)).toEqual(asked);
});

test("without a Range the whole is asked for", () => {
  expect(askedRange({}, ETAG, 100)).toEqual(whole);
});

test("If-Range gives the range for the same strong tag and the whole for anything else", () => {
  expect(askedRange({ range: "bytes=5-", "if-range": ETAG }, ETAG, 100)).toEqual(part(5, 99));
  for (const other of ['"xyz"', 'W/"abc"', "Mon, 23 Nov 2026 20:00:00 GMT"]) {
    expect(askedRange({ range: "bytes=5-", "if-range": other }, ETAG, 100)).toEqual(whole);
  }
});

test("If-None-Match compares weakly and takes lists", () => {
  expect(['"abc"', 'W/"abc"', '"x", "abc"', "*"].every((tags) => isNotModified(tags, ETAG))).toBe(true);
  expect([undefined, '"x"', "abc"].some((tags) => isNotModified(tags, ETAG))).toBe(false);
});
