/** A campaign of any size whose story is known: `misfits` at the front of the cohort go wrong in known ways, all others go well. */
import type { Device } from "../../src/fleet/device.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { CaseFile } from "../../src/after-action/case-file.ts";
import { judge, type JudgeContext, type Judgement } from "../../src/after-action/judge.ts";
import { ReportBuilder } from "../../src/after-action/report-builder.ts";
import type { DeviceRow, LedgerHead, Report } from "../../src/after-action/report-model.ts";
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

export interface Sample {
  readonly campaign: Campaign;
  readonly targets: readonly Device[];
  readonly verdicts: readonly Judgement[];
  /** Any order. */
  readonly evidence: readonly Evidence[];
  readonly nowMs: number;
  readonly ledgerHead: LedgerHead;
}

export function reportOf(given: Sample): Report {
  return rowsAndReport(given).report;
}

export function rowsAndReport({ campaign, targets, verdicts, evidence, nowMs, ledgerHead }: Sample): {
  readonly rows: readonly DeviceRow[];
  readonly report: Report;
} {
  const file: CaseFile = { campaign, orders: [], ledger: { decidedMs: T0, head: ledgerHead } };
  const context: JudgeContext = { ...CONTEXT, nowMs };
  const builder = new ReportBuilder(file, context);
  const byOrdinal = Map.groupBy(evidence, ({ ordinal }) => ordinal);
  const rows = targets.map((device, index) => {
    const judgement = verdicts[index];
    if (judgement === undefined) throw new Error("a sample has as many verdicts as targets");
    return builder.add(device, byOrdinal.get(device.ordinal) ?? [], judgement);
  });
  return { rows, report: builder.finish({ isChecked: false }) };
}

export function sample(count: number, change: Partial<Sample> = {}): Sample {
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
    nowMs: CONTEXT.nowMs,
    ledgerHead: { seq: 14, hash: "5e".repeat(32) },
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
    signedBy: ["author@isp.example", "approver@isp.example"],
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
