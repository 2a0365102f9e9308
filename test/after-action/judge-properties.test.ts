/** Properties of the judgement over any evidence at all, hostile words and impossible times included. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { VERDICTS } from "../../src/fleet/verdict.ts";
import { UPDATE_STATES } from "../../src/openc2/profiles/x-swup/model.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { judge } from "../../src/after-action/judge.ts";
import {
  answer,
  bareAnswer,
  CANARY,
  checkIn,
  connected,
  CONTEXT,
  DEVICE,
  fetched,
  gone,
  OTHER_SHA,
  OURS,
  QUERY,
  refused,
  sent,
  SHA,
} from "./world.ts";

const time = fc.oneof(
  fc.integer({ min: -5, max: 20 }),
  fc.double({ min: -5, max: 20, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, 9e12),
);
const words = fc.oneof(
  fc.constantFrom(OURS, CANARY, QUERY, "other", "1.2.3", "2.3.4", "2.4.0", SHA, OTHER_SHA),
  fc.string({ unit: "binary" }),
);
const lastUpdate = fc.record(
  { command_id: words, new_version: words, state: fc.constantFrom(...UPDATE_STATES), error: words },
  { requiredKeys: ["command_id", "new_version", "state"] },
);
const said = fc.record({ boot: fc.integer({ min: 0, max: 9 }), version: words, sha256: words, last: lastUpdate }, { requiredKeys: [] });
const someone = fc.constantFrom(DEVICE, DEVICE, DEVICE, 8);
const item: fc.Arbitrary<Evidence> = fc.oneof(
  fc.tuple(time, words, someone).map((a) => sent(...a)),
  fc.tuple(time, someone).map((a) => connected(...a)),
  fc.tuple(time, someone).map((a) => gone(...a)),
  fc.tuple(time, words, someone).map((a) => refused(...a)),
  fc.tuple(time, said, someone).map((a) => checkIn(...a)),
  fc.tuple(time, said, words, fc.constantFrom(102, 200, 400, 503), someone).map((a) => answer(...a)),
  fc.tuple(time, fc.constantFrom(200, 403), words, someone).map((a) => bareAnswer(...a)),
  fc.tuple(time, fc.boolean(), words, someone).map((a) => fetched(...a)),
  fc.record({ kind: fc.constant("unasked" as const), ordinal: someone, atMs: time, commandId: words, bytes: fc.nat() }),
);

describe("whatever the evidence says", () => {
  test("there is exactly one verdict with one printable sentence, and nothing throws", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 14 }), (evidence) => {
        const result = judge({ ordinal: DEVICE }, evidence, CONTEXT);
        expect(VERDICTS).toContain(result.verdict);
        expect(result.ordinal).toBe(DEVICE);
        expect(result.because).toMatch(/^[^\p{Cc}\p{Cs}]{4,400}$/u);
      }),
      { numRuns: 3000 },
    );
  });

  test("the order in which it is given does not matter", () => {
    const shuffled = fc
      .array(item, { maxLength: 10 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(judge({ ordinal: DEVICE }, other, CONTEXT)).toEqual(judge({ ordinal: DEVICE }, list, CONTEXT));
      }),
      { numRuns: 3000 },
    );
  });

  test("evidence about other devices does not matter", () => {
    const others = fc.array(item, { maxLength: 10 }).map((list) => list.map((one) => ({ ...one, ordinal: 8 })));
    fc.assert(fc.property(others, (list) => judge({ ordinal: DEVICE }, list, CONTEXT).verdict === "unreachable"));
  });

  test("verified is never said without our command, its digest and a start after it", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 14 }), (evidence) => {
        if (judge({ ordinal: DEVICE }, evidence, CONTEXT).verdict !== "verified") return;
        const mine = evidence.filter((one) => one.ordinal === DEVICE);
        const full = mine.some(
          (one) =>
            (one.kind === "check-in" || one.kind === "response") &&
            one.software?.hashes?.sha256 === SHA &&
            one.lastUpdate?.state === "done" &&
            [OURS, CANARY].includes(one.lastUpdate.command_id),
        );
        const boots = mine.flatMap((one) => (one.kind === "check-in" ? [one.boot] : []));
        expect(full && Math.max(...boots) > Math.min(...boots)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});
