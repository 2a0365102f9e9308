/** A table of cases per verdict: the evidence of one device, what must be concluded and what the sentence must say. */
import { describe, expect, test } from "bun:test";
import { VERDICTS, type VerdictName } from "../../src/fleet/verdict.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { isUncertain, judge, type JudgeContext } from "../../src/after-action/judge.ts";
import {
  answer,
  bareAnswer,
  BEFORE,
  CANARY,
  checkIn,
  connected,
  CONTEXT,
  DEVICE,
  fetched,
  gone,
  last,
  OTHER_SHA,
  PATCHED,
  refused,
  sent,
  SHA,
  T0,
} from "./world.ts";

type Case = readonly [sentence: string, evidence: readonly Evidence[], because: RegExp, context?: JudgeContext];
const { oldVersion: _, ...ANY_VERSION } = CONTEXT;

const CASES: { readonly [verdict in VerdictName]: readonly Case[] } = {
  verified: [
    [
      "it fetched, rebooted, and its check-in names our command",
      [...BEFORE, sent(1), fetched(5), gone(8), connected(12), checkIn(12, PATCHED)],
      /^2\.3\.4 with its digest after start 6, by our command \(check-in at 2026-03-01T03:00:12Z\)$/,
    ],
    [
      "it is a canary: its own command is named",
      [...BEFORE, sent(1, CANARY), checkIn(12, { ...PATCHED, last: last("done", undefined, CANARY) })],
      /start 6/,
    ],
    [
      "the check-in had no digest, but the answer to the query has",
      [...BEFORE, sent(1), checkIn(12, { boot: 6, version: "2.3.4" }), answer(90, PATCHED)],
      /query answer at .*03:01:30Z/,
    ],
    ["the digest is written in upper case", [...BEFORE, sent(1), checkIn(12, { ...PATCHED, sha256: SHA.toUpperCase() })], /digest/],
    [
      "it was switched off, got the command on return a moment before its check-in, then rebooted",
      [checkIn(-9000, { boot: 2 }), gone(-8000), connected(50), sent(50.1), checkIn(50.2, { boot: 5 }), gone(60), checkIn(70, PATCHED)],
      /start 6/,
    ],
    ["the gateway's batch stamped the sending later than the device's own words", [...BEFORE, checkIn(12, PATCHED), sent(13)], /start 6/],
    [
      "a power cut made it start once more in the middle",
      [...BEFORE, sent(1), checkIn(9, { boot: 6, last: last("installing") }), checkIn(20, { ...PATCHED, boot: 7 })],
      /start 7/,
    ],
    ["its channel closed afterwards: what it runs is known all the same", [...BEFORE, sent(1), checkIn(12, PATCHED), gone(30)], /start 6/],
    [
      "it refused a second copy of the command afterwards",
      [...BEFORE, sent(1, CANARY), checkIn(12, PATCHED), bareAnswer(20, 400, CANARY)],
      /start 6/,
    ],
  ],
  reported: [
    [
      "it answers that it is done, and no start was seen since",
      [...BEFORE, sent(1), answer(60, PATCHED)],
      /no start since the command was seen/,
    ],
    ["its check-in has the same start number as before", [...BEFORE, sent(1), checkIn(12, { ...PATCHED, boot: 5 })], /no start since/],
    ["no check-in from before is known, so no start can be told", [sent(1), checkIn(12, PATCHED)], /no start since/],
    [
      "it started between its last check-in on the old version and the command, and only then",
      [checkIn(-900, { boot: 2 }), connected(50), sent(50.1), checkIn(50.2, { boot: 5 }), answer(90, PATCHED)],
      /no start since/,
    ],
    ["it gives no digest", [...BEFORE, sent(1), checkIn(12, { boot: 6, version: "2.3.4", last: last("done") })], /without its digest/],
    [
      "it runs the new version but has not marked it good",
      [...BEFORE, sent(1), checkIn(12, { ...PATCHED, last: last("verifying") })],
      /last said "verifying"/,
    ],
  ],
  inferred: [
    [
      "it fetched all of it and is still connected",
      [...BEFORE, sent(1), fetched(5)],
      /fetched the whole release at .*03:00:05Z and is still connected/,
    ],
    [
      "it went away and came back without inventory",
      [...BEFORE, sent(1), gone(8), connected(12)],
      /went away after the command and came back at .*:12Z/,
    ],
    [
      "it fetched, went away and came back without inventory",
      [...BEFORE, sent(1), fetched(5), gone(8), connected(12)],
      /fetched the release, went away and came back/,
    ],
    [
      "what it last said about the download is older than its end",
      [...BEFORE, sent(1), checkIn(3, { last: last("downloading") }), fetched(9)],
      /fetched the whole/,
    ],
  ],
  "rolled-back": [
    [
      "its check-in says so",
      [...BEFORE, sent(1), fetched(5), gone(8), checkIn(30, { boot: 7, last: last("rolled_back", "ERR_AGENT_HEALTH") })],
      /^rolled back: ERR_AGENT_HEALTH \(said at .*03:00:30Z\)$/,
    ],
    ["its answer to the query says so", [...BEFORE, sent(1), answer(90, { last: last("rolled_back") })], /no reason given/],
    [
      "done and rolled back carry the same time: bad news is the newer",
      [...BEFORE, sent(1), checkIn(12, { boot: 6, last: last("rolled_back") }), checkIn(12, PATCHED)],
      /rolled back/,
    ],
    [
      "it came back, rolled back, and went away again",
      [...BEFORE, sent(1), checkIn(30, { boot: 7, last: last("rolled_back") }), gone(40)],
      /rolled back/,
    ],
  ],
  failed: [
    [
      "it says why it could not install",
      [...BEFORE, sent(1), checkIn(12, { last: last("failed", "ERR_AGENT_DIGEST") })],
      /could not install: ERR_AGENT_DIGEST/,
    ],
    ["it cancelled the update", [...BEFORE, sent(1), answer(12, { last: last("cancelled") })], /cancelled the update/],
    [
      "the canary answered its command with an error",
      [...BEFORE, sent(1, CANARY), bareAnswer(2, 403, CANARY)],
      /answered the command with status 403/,
    ],
    [
      "its reason is a novel with an escape sequence in it",
      [...BEFORE, sent(1), checkIn(12, { last: last("failed", `\u001b[2J${"x".repeat(500)}`) })],
      /^could not install: \?\[2Jx{57}\.\.\. \(said/,
    ],
  ],
  stale: [
    [
      "it was connected and sent to, and not heard of since",
      [...BEFORE, sent(1)],
      /nothing heard of it since 2026-03-01T02:59:01Z, before the command/,
    ],
    ["it fetched the release before the decision, for reasons of its own", [...BEFORE, fetched(-5), sent(1)], /02:59:55Z, before/],
    ["a download of something else is not heard as one of the release", [...BEFORE, fetched(-5, true, OTHER_SHA), sent(1)], /02:59:55Z/],
  ],
  "not-applicable": [
    [
      "it went there by itself before the command",
      [connected(-60), checkIn(-59, { version: "2.3.4", sha256: SHA }), sent(1)],
      /had it before the command/,
    ],
    [
      "it went there by itself after the command",
      [...BEFORE, sent(1), gone(5), checkIn(20, { boot: 6, version: "2.3.4", sha256: SHA })],
      /names no command/,
    ],
    [
      "another command brought it there",
      [...BEFORE, sent(1), checkIn(20, { ...PATCHED, last: last("done", undefined, "other") })],
      /names command other/,
    ],
    [
      "ours failed, and then it went there by itself",
      [...BEFORE, sent(1), checkIn(9, { last: last("failed") }), checkIn(50, { version: "2.3.4" })],
      /ours ended as failed/,
    ],
    ["it had it and is switched off", [checkIn(-59, { version: "2.3.4" }), gone(-40)], /before the command/],
    [
      "the canary refused because it has it already",
      [...BEFORE, sent(1, CANARY), answer(2, { version: "2.3.4" }, CANARY, 400)],
      /not by us/,
    ],
  ],
  superseded: [
    [
      "a newer command put another version there",
      [...BEFORE, sent(1), checkIn(50, { boot: 7, version: "2.4.0", last: last("done", undefined, "next") })],
      /runs 2\.4\.0, installed for command next/,
    ],
    [
      "ours was done, then a newer one",
      [...BEFORE, sent(1), checkIn(12, PATCHED), checkIn(50, { boot: 7, version: "2.4.0", last: last("done", undefined, "next") })],
      /2\.4\.0/,
    ],
  ],
  unreachable: [
    ["nothing at all is known of it", [], /never connected/],
    [
      "its certificate is on the deny list",
      [...BEFORE, gone(-30), refused(2, "ERR_CHANNEL_DENIED")],
      /connection was refused: ERR_CHANNEL_DENIED/,
    ],
    [
      "it fetched the release and has not come back",
      [...BEFORE, sent(1), fetched(5), gone(8)],
      /fetched the release, went away, not back since .*:08Z: look at it first/,
    ],
    [
      "it said that it is installing and went away",
      [...BEFORE, sent(1), checkIn(6, { last: last("installing") }), gone(8)],
      /after the command, last said "installing", not back/,
    ],
    ["it has had no channel since before the command", [...BEFORE, gone(-30)], /no channel since 2026-03-01T02:59:30Z/],
    ["the sending was stamped after the channel closed", [...BEFORE, gone(1), sent(1.2)], /no channel since/],
  ],
  unknown: [
    [
      "it fetched the release, is away, and may still return",
      [...BEFORE, sent(1), fetched(5), gone(8)],
      /it has 56\.0 s left to return/,
      { ...CONTEXT, nowMs: T0 + 12_000 },
    ],
    [
      "it is connected and on the old version, and does not say why",
      [...BEFORE, sent(1), gone(3), connected(9), checkIn(9)],
      /still on 1\.2\.3 and does not say why/,
    ],
    ["it answers the query with the old version", [...BEFORE, sent(1), answer(60)], /still on 1\.2\.3/],
    ["it fetched all of it and later says that it runs the old version", [...BEFORE, sent(1), fetched(5), answer(60)], /still on 1\.2\.3/],
    ["it is still downloading", [...BEFORE, sent(1), answer(60, { last: last("downloading") })], /says "downloading"/],
    [
      "it says done and runs the old version",
      [...BEFORE, sent(1), checkIn(12, { boot: 6, last: last("done") })],
      /said that the update is done, but runs 1\.2\.3/,
    ],
    [
      "it says done with the digest of something else",
      [...BEFORE, sent(1), checkIn(12, { ...PATCHED, sha256: OTHER_SHA })],
      /cdcdcdcdcdcd of something else/,
    ],
    [
      "it runs the version but not the bytes",
      [...BEFORE, sent(1), checkIn(12, { boot: 6, version: "2.3.4", sha256: OTHER_SHA })],
      /of something else/,
    ],
    ["it was never sent to, though it has a channel", [...BEFORE], /not sent to it/],
    ["it fetched a part of it", [...BEFORE, sent(1), fetched(5, false)], /4096 bytes of the release/],
    ["it was sent to and nothing was ever observed", [sent(1)], /nothing was observed/],
    ["it answers the query without inventory", [...BEFORE, sent(1), bareAnswer(60, 501)], /says nothing/],
    [
      "another version of another command proves nothing where any version was selected",
      [
        checkIn(-59, { version: "1.1.0", last: last("done", undefined, "older") }),
        sent(1),
        checkIn(50, { version: "1.1.0", last: last("done", undefined, "older") }),
      ],
      /still on 1\.1\.0/,
      ANY_VERSION,
    ],
  ],
};

for (const verdict of VERDICTS) {
  describe(`${verdict}, because`, () => {
    for (const [sentence, evidence, because, context] of CASES[verdict]) {
      test(sentence, () => {
        const result = judge({ ordinal: DEVICE }, evidence, context ?? CONTEXT);
        expect([result.verdict, result.because]).toEqual([verdict, expect.stringMatching(because)]);
      });
    }
  });
}

describe("how a device's own words came", () => {
  const signed = (s: number) => ({ ...checkIn(s, PATCHED), statement: "e30.e30.AA" });
  test("is said of the words that decided: signed by the device", () => {
    const { verdict, said, because } = judge({ ordinal: DEVICE }, [...BEFORE, sent(1), signed(12)], CONTEXT);
    expect([verdict, said]).toEqual(["verified", "signed"]);
    expect(because).toEndWith("(signed check-in at 2026-03-01T03:00:12Z)");
  });
  test("signed too, when a later answer without a signature says the same", () => {
    const evidence = [...BEFORE, sent(1), signed(12), answer(60, PATCHED)];
    expect(judge({ ordinal: DEVICE }, evidence, CONTEXT)).toMatchObject({ said: "signed", evidenceAtMs: T0 + 12_000 });
  });
  test("over the channel, when a later answer says otherwise: a signed check-in may be an old one", () => {
    const evidence = [...BEFORE, sent(1), signed(12), answer(60, { last: last("rolled_back") })];
    expect(judge({ ordinal: DEVICE }, evidence, CONTEXT)).toMatchObject({ verdict: "rolled-back", said: "over the channel" });
  });
  test("and is not said where it did not speak", () => {
    expect(judge({ ordinal: DEVICE }, [...BEFORE, sent(1), fetched(5)], CONTEXT).said).toBeUndefined();
  });
});

test("an answer can change the verdicts that rest on no decisive word", () => {
  expect(VERDICTS.filter(isUncertain)).toEqual(["reported", "inferred", "stale", "unknown"]);
});
