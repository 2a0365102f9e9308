/** The public JSON parsing suite: every y_ accepted, every n_ refused, every i_ pinned. */
import { describe, expect, test } from "bun:test";
import { OpenC2Error, readJson } from "../../src/openc2/index.ts";
import { hasVectors, skipReason, vectorsIn } from "../vectors-folder.ts";

/** The suite is RFC 8259, which allows duplicate names; all else is as strict as on a channel, but for sizes. */
const limits = { bytesMax: 1_000_000, depthMax: 600, duplicateNames: "last" } as const;

/** RFC 8259 leaves these to us. Huge and tiny numbers: what no double holds is refused, what rounds is read. */
const ACCEPTED = new Set([
  "i_number_double_huge_neg_exp.json",
  "i_number_real_underflow.json",
  "i_number_too_big_neg_int.json",
  "i_number_too_big_pos_int.json",
  "i_number_very_big_negative_int.json",
  "i_structure_500_nested_arrays.json",
]);

function isRead(bytes: Uint8Array): boolean {
  try {
    readJson(bytes, limits);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(OpenC2Error);
    return false;
  }
}

describe.skipIf(!hasVectors)(`the JSON parsing suite${skipReason}`, () => {
  const files = vectorsIn("json-parsing");
  const of = (prefix: string) => files.filter(([name]) => name.startsWith(prefix));

  test("has all its files", () => {
    expect([of("y_").length, of("n_").length, of("i_").length]).toEqual([95, 188, 35]);
  });
  test("all 95 that must parse do", () => {
    expect(of("y_").flatMap(([name, bytes]) => (isRead(bytes) ? [] : [name]))).toEqual([]);
  });
  test("all 188 that must not parse are refused", () => {
    expect(of("n_").flatMap(([name, bytes]) => (isRead(bytes) ? [name] : []))).toEqual([]);
  });
  test("the 35 that are ours to decide are as they are pinned", () => {
    expect(of("i_").flatMap(([name, bytes]) => (isRead(bytes) ? [name] : []))).toEqual([...ACCEPTED]);
  });
});
