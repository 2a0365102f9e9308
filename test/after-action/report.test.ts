/** The report of campaigns whose story is known: figures, curves, exposure, who is named, and what is refused. */
import { describe, expect, test } from "bun:test";
import { parse } from "@rsql/parser";
import * as fc from "fast-check";
import { AfterActionError } from "../../src/after-action/errors.ts";
import { countVerdicts } from "../../src/after-action/counts.ts";
import { curveOf, momentsOf, quantile } from "../../src/after-action/curve.ts";
import { followUpQuery } from "../../src/after-action/follow-up.ts";
import { buildReport } from "../../src/after-action/report.ts";
import { wilson } from "../../src/after-action/wilson.ts";
import { VERDICTS } from "../../src/fleet/verdict.ts";
import { sample } from "./sample.ts";
import { checkIn, connected, fetched, last, OTHER_SHA, PATCHED, QUERY, sent, SHA, T0 } from "./world.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AfterActionError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

describe("a campaign of 1,000 with eight misfits", () => {
  const report = buildReport(sample(1000));

  test("every targeted device has one verdict, and they add up", () => {
    expect(report.schema).toBe("edict.report/1");
    expect(report.targeted).toBe(1000);
    expect(Object.values(report.verdicts).reduce((a, b) => a + b)).toBe(1000);
    expect(report.verdicts).toMatchObject({
      verified: 992,
      "rolled-back": 1,
      failed: 1,
      unreachable: 3,
      "not-applicable": 1,
      stale: 1,
      inferred: 1,
    });
    expect(report.devices.map((row) => row.ordinal)).toEqual(Array.from({ length: 1000 }, (_, ordinal) => ordinal));
  });

  test("those still exposed are named, and the follow-up query selects them", () => {
    expect(report.exposed.ids.map((id) => Number(id.slice(-6)))).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect(() => parse(report.exposed.followUpQuery ?? "")).not.toThrow();
  });

  test("it counts who was sent to and when, and never a query", () => {
    const { devices, firstMs, medianMs, p99Ms, lastMs, curve } = report.sent;
    expect({ devices, firstMs, lastMs }).toEqual({ devices: 998, firstMs: 400, lastMs: 1000 });
    expect(medianMs).toBeGreaterThan(500);
    expect(p99Ms).toBe(640);
    expect(curve[0]?.seconds).toBe(0);
    expect(curve.at(-1)).toEqual({ seconds: 0.6, devices: 998 });
    const queried = buildReport(sample(9, { evidence: [sent(-5, QUERY, 8), sent(1, undefined, 8)] }));
    expect(queried.sent).toMatchObject({ devices: 1, firstMs: 1000 });
  });

  test("the curve ends with those seen on the new version and still on it", () => {
    expect(report.patchedCurve.at(-1)?.devices).toBe(993);
    expect(report.patchedCurve.length).toBeLessThanOrEqual(240);
  });

  test("it goes over the evidence once", () => {
    const input = sample(20);
    let passes = 0;
    const evidence = {
      *[Symbol.iterator]() {
        passes += 1;
        yield* input.evidence;
      },
    };
    expect(buildReport({ ...input, evidence })).toEqual(buildReport(input));
    expect(passes).toBe(1);
  });

  test("it survives a journey as JSON unchanged", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("strata say where the exposed are, by the version from before", () => {
    expect(report.strata.map((row) => [row.version, row.region, row.targeted, row.exposed])).toEqual([
      ["1.2.3", "east", 334, 3],
      ["1.2.3", "west", 333, 3],
      ["1.2.3", "north", 333, 1],
    ]);
  });
});

describe("exposure", () => {
  const hour = 3_600_000;
  const exposureOf = (verdict: (typeof VERDICTS)[number], evidence: Parameters<typeof buildReport>[0]["evidence"]) => {
    const input = sample(1);
    return buildReport({ ...input, verdicts: [{ ordinal: 0, verdict, because: "" }], evidence, nowMs: T0 + 2 * hour }).exposureDeviceHours;
  };
  test("ends when the device is seen on the new version", () => expect(exposureOf("verified", [checkIn(1800, PATCHED, 0)])).toBe(0.5));
  test("lasts until now for a device that was on the new version and rolled back", () =>
    expect(exposureOf("rolled-back", [checkIn(1800, PATCHED, 0), checkIn(1900, { last: last("rolled_back") }, 0)])).toBe(2));
  test("is nothing for a device that had the new version before the decision", () =>
    expect(exposureOf("not-applicable", [checkIn(-60, PATCHED, 0)])).toBe(0));
  test("is not ended by another digest under the same version", () =>
    expect(exposureOf("unknown", [checkIn(60, { ...PATCHED, sha256: OTHER_SHA }, 0)])).toBe(2));
});

describe("downloads", () => {
  const downloads = (evidence: Parameters<typeof buildReport>[0]["evidence"]) => buildReport(sample(2, { evidence })).downloads;
  test("a device that resumed is one device and all its bytes", () =>
    expect(downloads([fetched(2, false, SHA, 0), fetched(3, true, SHA, 0), fetched(4, true, SHA.toUpperCase(), 0)])).toEqual({
      bytes: 4096 + 2 * 262_144,
      devicesComplete: 1,
    }));
  test("other blobs, other devices and what was fetched before the decision do not count", () =>
    expect(downloads([fetched(2, true, OTHER_SHA, 0), fetched(2, true, SHA, 99), fetched(-2, true, SHA, 1), connected(1, 0)])).toEqual({
      bytes: 0,
      devicesComplete: 0,
    }));
});

describe("counts that do not add up are refused", () => {
  const one = { ordinal: 0, verdict: "verified", because: "" } as const;
  test("a lost device", () => expect(codeOf(() => countVerdicts([one], 2))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("a device judged twice", () => expect(codeOf(() => countVerdicts([one, one], 2))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("a verdict for a device that was not targeted", () =>
    expect(codeOf(() => buildReport(sample(1, { verdicts: [{ ...one, ordinal: 5 }] })))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("fewer devices than the campaign targeted", () =>
    expect(codeOf(() => buildReport({ ...sample(3), targets: [...sample(2).targets] }))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("any verdicts for distinct devices add up", () => {
    const list = fc.uniqueArray(fc.record({ ordinal: fc.nat(), verdict: fc.constantFrom(...VERDICTS), because: fc.string() }), {
      selector: (verdict) => verdict.ordinal,
    });
    fc.assert(
      fc.property(list, (verdicts) => {
        expect(Object.values(countVerdicts(verdicts, verdicts.length)).reduce((a, b) => a + b)).toBe(verdicts.length);
      }),
    );
  });
});

describe("curves and quantiles", () => {
  test("quantiles are moments that occurred, by nearest rank", () => {
    const moments = momentsOf(Float64Array.of(40, Infinity, 10, 30, 20));
    expect([0, 0.25, 0.5, 0.75, 0.99, 1].map((share) => quantile(moments, share))).toEqual([10, 10, 20, 30, 40, 40]);
    expect(quantile(new Float64Array(), 0.5)).toBeUndefined();
  });
  test("a curve never falls, starts at or after 0, has few points, and ends with everybody", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 100_000 }), { minLength: 1, maxLength: 700 }), (times) => {
        const points = curveOf(momentsOf(Float64Array.from(times)), 0);
        expect(points.length).toBeLessThanOrEqual(240);
        expect(points.at(-1)?.devices).toBe(times.length);
        points.forEach((point, index) => {
          expect(point.seconds).toBeGreaterThanOrEqual(0);
          const before = points[index - 1];
          if (before) expect(point.seconds > before.seconds && point.devices > before.devices).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("the follow-up query", () => {
  test("is absent when nobody is exposed", () => expect(followUpQuery([], "2.3.4")).toBeUndefined());
  test("is the old query less the new version when they are many", () => {
    const ids = Array.from({ length: 51 }, (_, index) => `urn:dev:${index}`);
    expect(followUpQuery(ids, "2.3.4", "region==east,region==west")).toBe('(region==east,region==west);version!="2.3.4"');
  });
  test("quotes hostile ids so that they stay one value", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (ids) => {
        expect(parse(followUpQuery(ids, "2") ?? "")).toMatchObject({ right: { value: ids } });
      }),
    );
  });
});

describe("Wilson's interval", () => {
  test("agrees with published values", () => {
    // Agresti and Coull 1998, and the rule of three: 0 of 300 bounds the share at about 1 %.
    expect(wilson(0, 300).high).toBeCloseTo(0.01264, 5);
    expect(wilson(5, 10).low).toBeCloseTo(0.23659, 5);
    expect(wilson(5, 10).high).toBeCloseTo(0.76341, 5);
    expect([wilson(0, 10).low, wilson(10, 10).high, wilson(0, 0)]).toEqual([0, 1, { low: 0, high: 1 }]);
  });
  test("refuses a sample that cannot be", () => {
    for (const [hits, size] of [
      [-1, 3],
      [4, 3],
      [1.5, 3],
      [Number.NaN, 3],
    ] as const) {
      expect(codeOf(() => wilson(hits, size))).toBe("ERR_AFTER_ACTION_SAMPLE");
    }
  });
});
