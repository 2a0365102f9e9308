/** A campaign of any size whose story is known: `misfits` at the front of the cohort go wrong in known ways, all others go well. */
import type { Device } from "../../src/fleet/device.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { judge } from "../../src/after-action/judge.ts";
import type { ReportInput } from "../../src/after-action/report.ts";
import { CANARY, checkIn, connected, CONTEXT, fetched, gone, last, OURS, PATCHED, QUERY, refused, sent, SHA, T0 } from "./world.ts";

type Story = (ordinal: number) => Evidence[];

/** Device 0 rolls back, 1 fails, 2 is denied, 3 never returns, 4 is off, 5 went by itself, 6 says nothing, 7 only fetched. */
const MISFITS: readonly Story[] = [
  (o) => [
    sent(1, OURS, o),
    fetched(5, true, SHA, o),
    gone(8, o),
    checkIn(30, { boot: 7, last: last("rolled_back", "ERR_AGENT_HEALTH") }, o),
  ],
  (o) => [sent(1, OURS, o), fetched(5, true, SHA, o), checkIn(9, { last: last("failed", "ERR_AGENT_DIGEST") }, o)],
  (o) => [gone(-20, o), refused(2, "ERR_CHANNEL_DENIED", o)],
  (o) => [sent(1, OURS, o), fetched(5, true, SHA, o), gone(8, o)],
  (o) => [gone(-30, o)],
  (o) => [sent(1, OURS, o), gone(3, o), checkIn(20, { boot: 6, version: "2.3.4", sha256: SHA }, o)],
  (o) => [sent(1, OURS, o)],
  (o) => [sent(1, OURS, o), fetched(6, true, SHA, o)],
];

function good(ordinal: number): Evidence[] {
  const sentS = 0.4 + (ordinal % 97) / 400;
  const slotS = sentS + 2 + ((ordinal * 7919) % 1000) / 60;
  return [
    sent(sentS, ordinal % 10 === 8 ? CANARY : OURS, ordinal),
    fetched(slotS, true, SHA, ordinal),
    gone(slotS + 1, ordinal),
    connected(slotS + 4, ordinal),
    checkIn(slotS + 4.1, PATCHED, ordinal),
  ];
}

export function sample(count: number, change: Partial<ReportInput> = {}): ReportInput {
  const targets: Device[] = Array.from({ length: count }, (_, ordinal) => ({
    ordinal,
    id: `urn:dev:ops:32473-famousModel-${String(ordinal).padStart(6, "0")}`,
    tenant: "isp",
    vendor: "famousMaker",
    name: "famousModel",
    version: "2.3.4",
    hardware: "cam-a",
    region: ["east", "west", "north"][ordinal % 3] ?? "",
    subscribed: true,
    optedOut: false,
  }));
  const stories = targets.map(({ ordinal }) => [
    connected(-60, ordinal),
    checkIn(-59, { boot: 5 }, ordinal),
    ...(MISFITS[ordinal]?.(ordinal) ?? good(ordinal)),
  ]);
  return {
    campaign: campaignOf(count),
    targets,
    verdicts: stories.map((evidence, ordinal) => judge({ ordinal }, evidence, CONTEXT)),
    evidence: stories.flat(),
    sha256: SHA,
    upstreamBytesForNone: 0,
    signers: ["author@isp.example", "approver@isp.example"],
    decidedMs: T0,
    nowMs: CONTEXT.nowMs,
    ledgerHead: { seq: 14, hash: "5e".repeat(32) },
    leftOut: {
      "other tenant": 0,
      "wrong model": 210,
      "already current": 31,
      "other version": 12,
      "outside the query": 0,
      "not subscribed": 64,
      "opted out": 9,
      postponed: 0,
    },
    ...change,
  };
}

export function campaignOf(targeted: number): Campaign {
  const hex = "0f".repeat(32);
  const canaryCount = Math.min(targeted, Math.ceil(targeted / 10));
  return {
    id: "c-20260301-1",
    tenant: "isp",
    state: "done",
    createdMs: T0 - 300_000,
    author: "author@isp.example",
    command: {
      action: "update",
      target: {
        "x-swup:software": {
          vendor: "famousMaker",
          name: "famousModel",
          old_version: "1.2.3",
          new_version: "2.3.4",
          source: "https://updates.famousmaker.example/ub_x64/patch",
          size: 262_144,
          hashes: { sha256: SHA },
        },
      },
      args: { response_requested: "none", "x-swup": { not_after: T0 + 3_600_000, spread: 20_000 } },
      command_id: OURS,
    },
    request: {
      tenant: "isp",
      vendor: "famousMaker",
      name: "famousModel",
      oldVersion: "1.2.3",
      newVersion: "2.3.4",
      query: "subscribed==true",
    },
    ladder: { canaryCount, growth: 4, soakMs: 1000, settledShare: 0.9, settleMaxMs: 60_000, lostAfterMs: 600_000, controlCount: 0 },
    waves: [
      { index: 0, count: canaryCount },
      { index: 1, count: targeted - canaryCount },
    ],
    targeted,
    messages: { canary: "", mass: "", query: "" },
    permit: {
      campaign_id: "c-20260301-1",
      tenant: "isp",
      commands: [hex],
      cohort_sha256: hex,
      count_max: targeted,
      rate_max_per_second: 5000,
      not_before: T0,
      not_after: T0 + 3_600_000,
      halt: { failed_share_max: 0.05, missing_share_max: 0.1 },
    },
    commandIds: { canary: CANARY, mass: OURS, query: QUERY },
    signed: { canary: "", mass: "", query: "", permit: "" },
    wave: 1,
    waveAtMs: T0 + 900,
  };
}
