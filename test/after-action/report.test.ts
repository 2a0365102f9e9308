/** The report of campaigns whose story is known: figures, curves, exposure, who is named, and what is refused. */
import { describe, expect, test } from "bun:test";
import { parse } from "@rsql/parser";
import * as fc from "fast-check";
import { AfterActionError } from "../../src/after-action/errors.ts";
import { byDevice } from "../../src/after-action/by-device.ts";
import { curveOf, momentsOf, quantile } from "../../src/after-action/curve.ts";
import { followUpOf, followUpQuery } from "../../src/after-action/follow-up.ts";
import type { VerdictName } from "../../src/fleet/verdict.ts";
import { reportOf, rowsAndReport, sample, type Sample } from "./sample.ts";
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
  const { report, rows } = rowsAndReport(sample(1000));

  test("every targeted device has one verdict, and they add up", () => {
    expect(report.schema).toBe("edict.report/2");
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
    expect(rows.map((row) => row.ordinal)).toEqual(Array.from({ length: 1000 }, (_, ordinal) => ordinal));
  });

  test("those still exposed are named, and the follow-up query selects them", () => {
    expect(report.exposed.ids?.map((id) => Number(id.slice(-6)))).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect(() => parse(report.exposed.followUpQuery ?? "")).not.toThrow();
  });

  test("it counts who was sent to and when, and never a query", () => {
    const { devices, firstMs, medianMs, p99Ms, lastMs, curve } = report.sent;
    expect({ devices, firstMs, lastMs }).toEqual({ devices: 998, firstMs: 400, lastMs: 1000 });
    expect(medianMs).toBeGreaterThan(500);
    expect(p99Ms).toBe(640);
    expect(curve[0]?.seconds).toBe(0);
    expect(curve.at(-1)).toEqual({ seconds: 0.6, devices: 998 });
    const queried = reportOf(sample(9, { evidence: [sent(-5, QUERY, 8), sent(1, undefined, 8)] }));
    expect(queried.sent).toMatchObject({ devices: 1, firstMs: 1000 });
  });

  test("the curve ends with those seen on the new version and still on it", () => {
    expect(report.patchedCurve.at(-1)?.devices).toBe(993);
    expect(report.patchedCurve.length).toBeLessThanOrEqual(240);
  });

  test("what is not verified is named, most urgent first, and the whole is small", () => {
    expect(report.named.map(({ verdict, count }) => [verdict, count])).toEqual([
      ["rolled-back", 1],
      ["failed", 1],
      ["unreachable", 3],
      ["stale", 1],
      ["inferred", 1],
      ["not-applicable", 1],
    ]);
    const many = sample(900);
    const verdicts = many.verdicts.map(({ ordinal }) => ({ ordinal, verdict: "stale", because: "" }) as const);
    expect(reportOf({ ...many, verdicts }).named[0]?.rows).toHaveLength(200);
  });

  test("it says between what is known to be exposed and what is not known to be safe", () => {
    expect(report.exposed).toMatchObject({ count: 7, atLeast: 5, atMost: 7 });
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
  const exposureOf = (verdict: VerdictName, evidence: Sample["evidence"]) => {
    const input = sample(1);
    return reportOf({ ...input, verdicts: [{ ordinal: 0, verdict, because: "" }], evidence, nowMs: T0 + 2 * hour }).exposureDeviceHours;
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
  const downloads = (evidence: Sample["evidence"]) => reportOf(sample(2, { evidence })).downloads;
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
  const two = sample(2);
  const [first] = two.targets;
  test("a lost device", () =>
    expect(codeOf(() => reportOf({ ...two, targets: two.targets.slice(1), verdicts: two.verdicts.slice(1) }))).toBe(
      "ERR_AFTER_ACTION_COUNT",
    ));
  test("a device judged twice", () =>
    expect(codeOf(() => reportOf({ ...two, targets: first ? [first, first] : [], verdicts: [one, one] }))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("the verdict of another device", () =>
    expect(codeOf(() => reportOf(sample(1, { verdicts: [{ ...one, ordinal: 5 }] })))).toBe("ERR_AFTER_ACTION_COUNT"));
  test("more devices than the campaign targeted", () =>
    expect(codeOf(() => reportOf({ ...sample(3), campaign: two.campaign }))).toBe("ERR_AFTER_ACTION_COUNT"));
});

describe("devices and their evidence, side by side", () => {
  const { targets } = sample(3);
  test("every device has a case; evidence about others is left out", () => {
    const cases = [...byDevice(targets, [connected(1, 0), connected(2, 0), connected(1, 2), connected(1, 9)])];
    expect(cases.map(({ device, evidence }) => [device.ordinal, evidence.length])).toEqual([
      [0, 2],
      [1, 0],
      [2, 1],
    ]);
  });
  test("a stream that is out of order is refused, for it would lose evidence", () => {
    expect(codeOf(() => [...byDevice(targets, [connected(1, 1), connected(1, 0), connected(1, 2)])])).toBe("ERR_AFTER_ACTION_ORDER");
    expect(codeOf(() => [...byDevice(targets.toReversed(), [])])).toBe("ERR_AFTER_ACTION_ORDER");
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

describe("the follow-up", () => {
  test("is a command that `edict send` takes: the new version, no old one, and an id of its own", () => {
    const report = reportOf(sample(20));
    expect(followUpOf(report)).toEqual({
      command: {
        action: "update",
        target: {
          "x-swup:software": {
            vendor: "famousMaker",
            name: "famousModel",
            new_version: "2.3.4",
            source: "https://updates.famousmaker.example/ub_x64/patch",
          },
        },
        args: { response_requested: "none" },
        command_id: "wc17_9674309-f1",
      },
      query: report.exposed.followUpQuery ?? "",
      laterQuery: '(subscribed==true);version!="2.3.4"',
    });
  });
  test("of a follow-up counts on, within the length of a command id", () => {
    const idAfter = (id: string) => {
      const report = reportOf(sample(1));
      const command = { ...report.campaign.command, command_id: id };
      return followUpOf({ ...report, campaign: { ...report.campaign, command } }).command.command_id;
    };
    expect(idAfter("wc17-f9")).toBe("wc17-f10");
    expect(idAfter("x".repeat(34))).toBe(`${"x".repeat(31)}-f1`);
  });
});

describe("the follow-up query", () => {
  test("is absent when nobody is exposed", () => expect(followUpQuery(0, [], { newVersion: "2.3.4" })).toBeUndefined());
  test("is the old query less the new version when they are many; of a stop it is the old query", () => {
    const wish = { newVersion: "2.3.4", query: "region==east,region==west" };
    expect(followUpQuery(51, undefined, { query: wish.query })).toBe(wish.query);
    expect(followUpQuery(51, undefined, wish)).toBe('(region==east,region==west);version!="2.3.4"');
  });
  test("quotes hostile ids so that they stay one value", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (ids) => {
        expect(parse(followUpQuery(ids.length, ids, { newVersion: "2" }) ?? "")).toMatchObject({ right: { value: ids } });
      }),
    );
  });
});
