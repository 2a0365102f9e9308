/** The policy gate: every rule at its limit and one step over it, and what may be overridden. */
import { describe, expect, test } from "bun:test";
import { CANARY_MODEL_SHARE_MAX, PERMIT_WINDOW_MAX_MS, REASON_CHARACTERS_MAX } from "../../src/campaign/limits.ts";
import { enforcePolicy, findingText, judgePolicy, type PolicyCode, type PolicyFacts, POLICY_RULES } from "../../src/campaign/policy.ts";
import { defaultLadder, describeWaves, waveSizes } from "../../src/campaign/wave-order.ts";
import type { Command } from "../../src/openc2/index.ts";
import { campaignOf, T0 } from "./world.ts";

const HOUR_MS = 3_600_000;

function factsOf(change: Partial<PolicyFacts> = {}): PolicyFacts {
  return { campaign: campaignOf(), models: [cameras(210)], withoutConsent: 0, newerRuns: 0, metadata: [], ...change };
}

/** So many of the tenant, 210 of them in the cohort. */
function cameras(count: number): PolicyFacts["models"][number] {
  return { name: "famousModel", count, targeted: 210 };
}

function withArgs(args: Command["args"]): PolicyFacts {
  const { command, ...campaign } = campaignOf();
  return factsOf({ campaign: { ...campaign, command: { ...command, ...(args && { args }) } as Command } });
}

const codes = (facts: PolicyFacts) => judgePolicy(facts).map(({ code }) => code);

test("nothing is said against a campaign that keeps every rule", () => {
  expect(judgePolicy(factsOf())).toEqual([]);
  expect(() => enforcePolicy([])).not.toThrow();
});

test("the ladder of no fleet, of whatever size, is too steep for its own policy", () => {
  const isRefused = (targeted: number) => {
    const ladder = defaultLadder(targeted);
    const waves = describeWaves(waveSizes(targeted, ladder), ladder);
    return codes(factsOf({ campaign: { ...campaignOf(), waves } })).includes("POLICY_LADDER");
  };
  // 6,430 devices: 300, 1200, 4800, then two are left before a control group of 128.
  const sizes = [6_430, ...Array.from({ length: 3_000 }, (_, index) => 250 + index * 37)];
  expect(sizes.filter(isRefused)).toEqual([]);
});

describe.each<[PolicyCode, PolicyFacts, PolicyFacts]>([
  [
    "POLICY_EXPIRY",
    withArgs({ response_requested: "none", "x-swup": { not_after: T0 + HOUR_MS } }),
    withArgs({ response_requested: "none", "x-swup": { not_after: T0 + HOUR_MS + 1 } }),
  ],
  [
    "POLICY_RESPONSE",
    withArgs({ response_requested: "none", "x-swup": { not_after: T0 + HOUR_MS } }),
    withArgs({ response_requested: "complete", "x-swup": { not_after: T0 + HOUR_MS } }),
  ],
  [
    "POLICY_LADDER",
    factsOf({ campaign: campaignOf({ waves: [10, 40, 160].map((count, index) => ({ index, count })) }) }),
    factsOf({ campaign: campaignOf({ waves: [10, 41, 159].map((count, index) => ({ index, count })) }) }),
  ],
  ["POLICY_MODEL_SHARE", canary(21, 210), canary(22, 210)],
  ["POLICY_CONSENT", factsOf(), factsOf({ withoutConsent: 1 })],
  ["POLICY_NEWER_RUNS", factsOf(), factsOf({ newerRuns: 1 })],
  ["POLICY_SOURCE", factsOf(), factsOf({ sourceProblem: "ERR_DEPOT_SOURCE_ADDRESS: source names the address 10.0.0.1" })],
  ["POLICY_METADATA", ending(T0 + HOUR_MS), ending(T0 + HOUR_MS - 1)],
])("%s", (code, within, beyond) => {
  test("is silent at its limit", () => expect(codes(within)).toEqual([]));

  test("speaks one step beyond it, with figure, limit and what to do", () => {
    const findings = judgePolicy(beyond);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    for (const text of [findings[0]?.figure, findings[0]?.limit, findings[0]?.help]) expect(text).toMatch(/\w+/);
    expect(() => enforcePolicy(findings)).toThrow(
      expect.objectContaining({ code: "ERR_CAMPAIGN_POLICY", message: expect.stringContaining(code) }),
    );
  });

  test(POLICY_RULES[code] ? "can be overridden with a reason, and only with one" : "cannot be overridden", () => {
    const overridden = judgePolicy(beyond, { [code]: "four devices in our own lab" });
    if (POLICY_RULES[code]) {
      expect(() => enforcePolicy(overridden)).not.toThrow();
      expect(overridden[0]?.reason).toBe("four devices in our own lab");
      expect(() => enforcePolicy(judgePolicy(beyond, { [code]: "  " }))).toThrow();
    } else {
      expect(() => enforcePolicy(overridden)).toThrow();
    }
  });
});

test("two rules may be overridden, and no others", () => {
  const codesThatMay = Object.entries(POLICY_RULES).flatMap(([code, mayOverride]) => (mayOverride ? [code] : []));
  expect(codesThatMay).toEqual(["POLICY_MODEL_SHARE", "POLICY_NEWER_RUNS"]);
});

test("a finding says what to do: override it where that may be, or who did", () => {
  const newer = factsOf({ newerRuns: 3 });
  const text = (facts: PolicyFacts, reason?: string) => judgePolicy(facts, { POLICY_NEWER_RUNS: reason }).map(findingText);
  const says = "POLICY_NEWER_RUNS: 3 devices of the cohort run a newer release; none: devices refuse what is older than what they run.";
  const help = "Narrow the cohort with old_version or --query";
  expect(text(newer)).toEqual([`${says} ${help}, or --override POLICY_NEWER_RUNS=REASON`]);
  expect(text(newer, "our lab")).toEqual([`${says} overridden: our lab`]);
  expect(text(factsOf({ sourceProblem: "no" }))).toEqual([
    "POLICY_SOURCE: source is nothing; no. Leave source out: then it is the release's own",
  ]);
});

test("the figures are those of the campaign: its source, its first steep wave, its window", () => {
  const { command, permit, ...campaign } = campaignOf();
  const target = { "x-swup:software": { vendor: "famousMaker", name: "famousModel", source: "https://10.0.0.1/x" } } as Command["target"];
  const figure = (facts: PolicyFacts) => judgePolicy(facts).map((finding) => [finding.figure, finding.limit]);
  expect(figure(factsOf({ campaign: { ...campaign, permit, command: { ...command, target } }, sourceProblem: "no" }))).toEqual([
    ["source is https://10.0.0.1/x", "no"],
  ]);
  const waves = [10, 41, 165, 700].map((count, index) => ({ index, count }));
  expect(figure(factsOf({ campaign: campaignOf({ waves }), models: [cameras(1_000)] }))).toEqual([
    ["wave 1 holds 41 devices", "at most 4 times the 10 before it"],
  ]);
  const long = { ...permit, not_before: T0 + HOUR_MS - PERMIT_WINDOW_MAX_MS };
  expect(figure(factsOf({ campaign: { ...campaign, command, permit: long } }))).toEqual([]);
});

test("the share of a model is rounded down, and a campaign of nobody has no canary", () => {
  expect(codes({ ...canary(22, 210), models: [cameras(219)] })).toEqual(["POLICY_MODEL_SHARE"]);
  expect(codes({ ...canary(22, 210), models: [cameras(220)] })).toEqual([]);
  const { permit } = campaignOf();
  expect(codes(factsOf({ campaign: campaignOf({ waves: [], permit: { ...permit, count_max: 0 } }) }))).toEqual([]);
});

test("of several models each has its share of the canary, which is a fair draw of the cohort", () => {
  const facts = canary(20, 210);
  const of = (rare: number) => ({ ...facts, models: [cameras(10_000), { name: "rareModel", count: rare, targeted: 190 }] });
  expect(codes(of(179))).toEqual(["POLICY_MODEL_SHARE"]);
  expect(judgePolicy(of(150))[0]).toMatchObject({ figure: expect.stringContaining("18 of 150 rareModel"), help: "Choose --canary 16" });
  expect(codes(of(180))).toEqual([]);
});

test("no expiry at all, no response type at all, and a window beyond what a permit may last", () => {
  expect(codes(withArgs({ response_requested: "none" }))).toEqual(["POLICY_EXPIRY"]);
  expect(codes(withArgs({ "x-swup": { not_after: T0 + HOUR_MS } }))).toEqual(["POLICY_RESPONSE"]);
  const { permit, ...campaign } = campaignOf();
  const long = { ...campaign, permit: { ...permit, not_before: T0 + HOUR_MS - PERMIT_WINDOW_MAX_MS - 1 } };
  expect(codes(factsOf({ campaign: long }))).toEqual(["POLICY_EXPIRY"]);
});

test("attack: a permit for more devices than the waves hold", () => {
  const { permit, ...campaign } = campaignOf();
  expect(codes(factsOf({ campaign: { ...campaign, permit: { ...permit, count_max: 211 } } }))).toEqual(["POLICY_LADDER"]);
});

test("ten devices are a canary of any model, however small", () => {
  expect(codes(canary(10, 10))).toEqual([]);
  expect(Math.floor(210 * CANARY_MODEL_SHARE_MAX)).toBe(21);
});

test("a reason is cut where the ledger would be", () => {
  const [finding] = judgePolicy(factsOf({ newerRuns: 1 }), { POLICY_NEWER_RUNS: "x".repeat(REASON_CHARACTERS_MAX + 1) });
  expect(finding?.reason).toHaveLength(REASON_CHARACTERS_MAX);
});

test("whoever ends first is named", () => {
  const metadata = [
    { name: "director isp", expiresMs: T0 + 2 },
    { name: "timestamp metadata", expiresMs: T0 + 1 },
  ];
  expect(judgePolicy(factsOf({ metadata }))[0]?.figure).toContain("timestamp metadata");
});

function canary(count: number, modelCount: number): PolicyFacts {
  const { permit } = campaignOf();
  return factsOf({
    models: [cameras(modelCount)],
    campaign: campaignOf({ waves: climbing(count), permit: { ...permit, count_max: modelCount } }),
  });
}

function climbing(first: number): { readonly index: number; readonly count: number }[] {
  const waves = [];
  for (let left = 210, count = first; left > 0; count *= 4) {
    waves.push({ index: waves.length, count: Math.min(left, count) });
    left -= count;
  }
  return waves;
}

function ending(expiresMs: number): PolicyFacts {
  return factsOf({ metadata: [{ name: "director isp", expiresMs }] });
}
