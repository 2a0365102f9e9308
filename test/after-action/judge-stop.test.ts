/** What is concluded about a device that was told to stop a process: every rule, and that no verdict says more than was seen. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { judge } from "../../src/after-action/judge.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { VERDICTS } from "../../src/fleet/verdict.ts";
import { HOUSEKEEPING_STATES } from "../../src/openc2/profiles/x-iot/model.ts";
import { lastCommand, STOP, stopAnswer, stopCheckIn } from "./stop-world.ts";
import { CANARY, connected, DEVICE, gone, OURS, QUERY, refused, sent, T0 } from "./world.ts";

const verdictOf = (evidence: readonly Evidence[]) => judge({ ordinal: DEVICE }, evidence, STOP);
const BEFORE = [connected(-60), stopCheckIn(-59)];
const TOLD = [...BEFORE, sent(1)];

test.each<[string, readonly Evidence[], string, RegExp]>([
  ["asked, none runs", [...TOLD, stopAnswer(30, { processes: 0 })], "verified", /^was asked, and none runs \(query answer at /],
  ["asked, none runs, and it says done", [...TOLD, stopAnswer(30, { processes: 0, last: lastCommand("done") })], "verified", /none runs/],
  [
    "asked, none runs, though it says that ours failed",
    [...TOLD, stopAnswer(30, { processes: 0, last: lastCommand("failed", "ERR_X") })],
    "verified",
    /none runs/,
  ],
  [
    "asked, and done said again afterwards",
    [...TOLD, stopAnswer(30, { processes: 0 }), stopCheckIn(40, lastCommand("done"))],
    "verified",
    /none runs/,
  ],
  ["not sent to, none runs", [...BEFORE, stopAnswer(30, { processes: 0 })], "not-applicable", /the command was not sent to it/],
  ["asked before the command", [...BEFORE, stopAnswer(0.5, { processes: 0 }), sent(1)], "stale", /before the command/],
  ["runs after it was done", [...TOLD, stopCheckIn(5, lastCommand("done")), stopAnswer(30, { processes: 2 })], "failed", /^2 run again/],
  ["runs after none ran", [...TOLD, stopAnswer(20, { processes: 0 }), stopAnswer(30, { processes: 1 })], "failed", /^1 runs again/],
  ["runs, and says done in one breath", [...TOLD, stopAnswer(30, { processes: 1, last: lastCommand("done") })], "failed", /^1 runs again/],
  [
    "runs again, after an error that it took back",
    [...TOLD, stopAnswer(5, { status: 503, requestId: CANARY }), stopCheckIn(10, lastCommand("done")), stopAnswer(30, { processes: 1 })],
    "failed",
    /^1 runs again/,
  ],
  [
    "runs each time that it is asked",
    [...TOLD, stopAnswer(20, { processes: 2 }), stopAnswer(30, { processes: 1 })],
    "unknown",
    /^1 runs, and it does not/,
  ],
  [
    "named ours before it was asked, and again later",
    [...BEFORE, stopCheckIn(10, lastCommand("queued")), stopAnswer(20, { processes: 0 }), stopCheckIn(30, lastCommand("done"))],
    "verified",
    /none runs/,
  ],
  ["runs, and does not name ours", [...TOLD, stopAnswer(30, { processes: 1 })], "unknown", /does not name our command/],
  ["runs, and ours is queued", [...TOLD, stopAnswer(30, { processes: 1, last: lastCommand("queued") })], "unknown", /says "queued"/],
  [
    "runs, and ours failed",
    [...TOLD, stopAnswer(30, { processes: 1, last: lastCommand("failed", "ERR_AGENT_X") })],
    "failed",
    /^could not stop it: ERR_AGENT_X/,
  ],
  ["says that it failed", [...TOLD, stopCheckIn(30, lastCommand("failed", "ERR_AGENT_X"))], "failed", /ERR_AGENT_X \(check-in at /],
  ["says that it was called off", [...TOLD, stopCheckIn(30, lastCommand("cancelled"))], "failed", /^cancelled the stop/],
  ["answers that it cannot read it", [...TOLD, stopAnswer(30, { status: 400, requestId: CANARY })], "failed", /status 400/],
  ["answers with an error", [...TOLD, stopAnswer(30, { status: 403, requestId: CANARY })], "failed", /status 403 \(answer at /],
  [
    "failed after none ran",
    [...TOLD, stopAnswer(20, { processes: 0 }), stopCheckIn(30, lastCommand("failed"))],
    "failed",
    /no reason given/,
  ],
  [
    "an error that it takes back",
    [...TOLD, stopAnswer(20, { status: 503, requestId: CANARY }), stopCheckIn(30, lastCommand("done"))],
    "reported",
    /nobody has asked since/,
  ],
  ["says done", [...TOLD, stopCheckIn(30, lastCommand("done"))], "reported", /nobody has asked since/],
  ["answers 200", [...TOLD, stopAnswer(30, { requestId: CANARY })], "reported", /answer at /],
  ["names ours without a mark that it was sent", [...BEFORE, stopCheckIn(30, lastCommand("done"))], "reported", /says that it is stopped/],
  ["accepted only", [...TOLD, stopAnswer(30, { status: 102, requestId: CANARY }), connected(40)], "unknown", /says nothing of the process/],
  ["is at it", [...TOLD, stopCheckIn(30, lastCommand("running"))], "unknown", /^says "running"/],
  ["names another command", [...TOLD, stopCheckIn(30, lastCommand("done", undefined, "other"))], "unknown", /says nothing of the process/],
  ["stood all the time and says nothing", TOLD, "stale", /before the command/],
  ["came back and says nothing of it", [...TOLD, gone(10), connected(20), stopCheckIn(21)], "unknown", /says nothing of the process/],
  ["went away with it", [...TOLD, gone(2)], "unreachable", /went away after the command/],
  ["went away a moment ago", [...TOLD, gone(580)], "unknown", /left to return/],
  ["said done and went away", [...TOLD, stopAnswer(2, { requestId: CANARY }), gone(3)], "unreachable", /last said "done", not back/],
  ["was asked, and went away in the evening", [...TOLD, stopAnswer(30, { processes: 0 }), gone(40)], "verified", /none runs/],
  [
    "asked, none ran, and it has started since",
    [...TOLD, stopAnswer(30, { processes: 0 }), gone(40), connected(50), stopCheckIn(51, undefined, 6)],
    "unknown",
    /none runs .*; it has started since/,
  ],
  [
    "asked again after its start",
    [
      ...TOLD,
      gone(40),
      connected(50),
      stopCheckIn(51, lastCommand("done"), 6),
      stopAnswer(60, { processes: 0, last: lastCommand("done") }),
    ],
    "verified",
    /none runs/,
  ],
  [
    "says done after a start, and nobody knows what was first",
    [...TOLD, gone(40), connected(50), stopCheckIn(51, lastCommand("done"), 6)],
    "unknown",
    /says that it is stopped.*; it has started since/,
  ],
  [
    "says so again in the same start",
    [...TOLD, gone(40), connected(50), stopCheckIn(51, lastCommand("done"), 6), stopCheckIn(61, lastCommand("done"), 6)],
    "unknown",
    /it has started since/,
  ],
  [
    "says done in a start in which it had not been done before",
    [...TOLD, gone(40), connected(50), stopCheckIn(51, undefined, 6), gone(60), connected(70), stopCheckIn(71, lastCommand("done"), 6)],
    "reported",
    /check-in at/,
  ],
  ["is denied", [...TOLD, refused(30, "ERR_CHANNEL_DENIED")], "unreachable", /refused/],
  ["was never sent to", BEFORE, "unknown", /the command was not sent to it/],
  ["was sent to, and nothing else is known", [sent(1)], "unknown", /nothing was observed/],
  [
    "said more and more, and went away",
    [...TOLD, stopCheckIn(5, lastCommand("queued")), stopCheckIn(8, lastCommand("done")), gone(9)],
    "unreachable",
    /last said "done"/,
  ],
  ["was never there", [], "unreachable", /never connected/],
])("%s", (_, evidence, verdict, because) => {
  const judged = verdictOf(evidence);
  expect(judged.verdict).toBe(verdict as (typeof VERDICTS)[number]);
  expect(judged.because).toMatch(because);
});

test("words that the device signed are said to be signed", () => {
  const signed = { ...stopCheckIn(30, lastCommand("done")), statement: "a.b.c" } as Evidence;
  expect(verdictOf([...TOLD, signed])).toMatchObject({
    verdict: "reported",
    said: "signed",
    because: expect.stringContaining("signed check-in"),
  });
});

const time = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 9e12));
const id = fc.oneof(fc.constantFrom(OURS, CANARY, QUERY, "other"), fc.string({ unit: "binary" }));
const named = fc
  .tuple(fc.constantFrom(...HOUSEKEEPING_STATES), fc.option(fc.string({ unit: "binary" }), { nil: undefined }), id)
  .map((a) => lastCommand(...a));
const said = fc.record(
  { status: fc.constantFrom(102, 200, 403, 500), processes: fc.nat(3), last: named, requestId: id },
  { requiredKeys: [] },
);
const item: fc.Arbitrary<Evidence> = fc.oneof(
  fc.tuple(time, id).map((a) => sent(...a)),
  time.map((s) => connected(s)),
  time.map((s) => gone(s)),
  fc.tuple(time, said).map((a) => stopAnswer(...a)),
  fc.tuple(time, fc.option(named, { nil: undefined })).map((a) => stopCheckIn(...a)),
);

describe("whatever the evidence says", () => {
  test("there is one verdict with one printable sentence, in whatever order it is given", () => {
    const shuffled = fc
      .array(item, { maxLength: 10 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const judged = verdictOf(list);
        expect(VERDICTS).toContain(judged.verdict);
        expect(judged.because).toMatch(/^[^\p{Cc}\p{Cs}]{4,400}$/u);
        expect(verdictOf(other)).toEqual(judged);
      }),
      { numRuns: 3_000 },
    );
  });

  test("verified is never said without an answer to our query, after the command, that none runs; nothing is inferred", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 10 }), (list) => {
        const { verdict, evidenceAtMs = 0 } = verdictOf(list);
        expect(["inferred", "superseded", "rolled-back"]).not.toContain(verdict);
        if (verdict !== "verified") return;
        const looks = list.filter((one) => one.kind === "response" && one.requestId === QUERY && one.processes === 0);
        expect(looks.map(({ atMs }) => atMs)).toContain(evidenceAtMs);
        expect(Math.min(...list.flatMap((one) => (isOurs(one) && one.atMs >= T0 - 5_000 ? [one.atMs] : [])))).toBeLessThanOrEqual(
          evidenceAtMs,
        );
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Shows that the command was sent or had arrived. */
function isOurs(one: Evidence): boolean {
  if (one.kind === "sent") return [OURS, CANARY].includes(one.commandId);
  if (one.kind !== "check-in" && one.kind !== "response") return false;
  const isAnswer = one.kind === "response" && [OURS, CANARY].includes(one.requestId);
  return isAnswer || (one.lastCommand !== undefined && [OURS, CANARY].includes(one.lastCommand.command_id));
}
