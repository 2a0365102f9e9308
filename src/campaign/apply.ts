/**
 * Carries out planned steps inside the caller's transaction: order rows, the new state and the ledger's lines commit together
 * or not at all, so that a crash at any instant leaves either the step undone, and planned again, or done once.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Part } from "../fleet/store.ts";
import type { Campaign } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import { held } from "./holds.ts";
import { type Window, windowIn } from "./hours.ts";
import { joinedCount } from "./newcomers.ts";
import type { Step } from "./plan-types.ts";
import type { CampaignStore, LedgerAct } from "./ports.ts";

/** The name under which the planner's acts stand in the ledger. */
const PLANNER = "planner";

/** These devices by their time zone: together they are all of them. */
export type ZonesOf = (targets: RoaringBitmap32) => Iterable<Part>;

/** Steps that gateways have to hear of. */
const TOLD: ReadonlySet<Step["kind"]> = new Set(["send-wave", "join", "halt", "supersede"]);

/** Returns whether gateways have to be told. */
export function applySteps(store: CampaignStore, campaign: Campaign, steps: readonly Step[], nowMs: number, zonesOf: ZonesOf): boolean {
  let current = campaign;
  for (const step of steps) current = applyStep(store, current, step, nowMs, zonesOf);
  if (steps.length > 0) store.put(current);
  return steps.some(({ kind }) => TOLD.has(kind));
}

function applyStep(store: CampaignStore, campaign: Campaign, step: Step, nowMs: number, zonesOf: ZonesOf): Campaign {
  const note = (act: string, detail: NonNullable<LedgerAct["detail"]>) =>
    store.appendLedger({ atMs: nowMs, actor: PLANNER, act, campaignId: campaign.id, detail });
  switch (step.kind) {
    case "send-wave":
      return sendWave(store, campaign, step.wave, nowMs, zonesOf);
    case "join":
      return sendWave(store, joinWave(store, campaign, step, nowMs), step.wave, nowMs, zonesOf);
    case "enter":
      note("campaign.entered", { state: step.state, wave: campaign.wave });
      return { ...campaign, state: step.state, ...(step.state === "soaking" ? { soakingSinceMs: nowMs } : {}) };
    case "halt":
      addPause(store, campaign.id, nowMs);
      note("campaign.halted", { wave: campaign.wave, reason: step.reason });
      return { ...campaign, state: "halted", reason: step.reason, heldMs: nowMs };
    case "supersede":
      return supersede(store, campaign, step, nowMs);
    case "expire":
      note("campaign.expired", { wave: campaign.wave, notAfterMs: campaign.permit.not_after });
      return { ...campaign, state: "expired", reason: "the permit's time was over before the last wave was" };
    case "finish":
      note("campaign.done", { wave: campaign.wave });
      return { ...campaign, state: "done" };
    default:
      return step satisfies never;
  }
}

/** Gateways send no update of this campaign any more, neither to the rest of a wave nor to whoever returns, until two people resume it. */
export function addPause(store: CampaignStore, campaignId: string, nowMs: number): void {
  store.addOrder({ campaignId, kind: "pause", statement: "", atMs: nowMs });
}

function supersede(store: CampaignStore, campaign: Campaign, step: Extract<Step, { kind: "supersede" }>, nowMs: number): Campaign {
  const older = step.campaign === campaign.id ? campaign : store.get(step.campaign);
  if (older === undefined) throw new CampaignError("ERR_CAMPAIGN_NOT_FOUND", `there is no campaign ${step.campaign}`);
  addPause(store, older.id, nowMs);
  store.appendLedger({
    atMs: nowMs,
    actor: PLANNER,
    act: "campaign.superseded",
    campaignId: older.id,
    detail: { by: step.by, wave: older.wave },
  });
  const over = held(older, "cancelled", `superseded by ${step.by}`, nowMs);
  if (older.id === campaign.id) return over;
  store.put(over);
  return campaign;
}

/** In the same transaction as its order: there is no member without an order, and no order for devices that are none. */
function joinWave(store: CampaignStore, campaign: Campaign, step: Extract<Step, { kind: "join" }>, nowMs: number): Campaign {
  const { wave, devices } = step;
  store.addWave(campaign.id, wave, devices);
  const waves = [...campaign.waves, { index: wave, count: devices.size, isJoined: true as const }];
  const joined = joinedCount({ waves });
  store.appendLedger({
    atMs: nowMs,
    actor: PLANNER,
    act: "campaign.joined",
    campaignId: campaign.id,
    detail: { wave, devices: devices.size, joined, joinedMax: campaign.permit.newcomers?.count_max ?? 0 },
  });
  return { ...campaign, waves, targeted: campaign.targeted + devices.size };
}

function sendWave(store: CampaignStore, campaign: Campaign, wave: number, nowMs: number, zonesOf: ZonesOf): Campaign {
  const message = wave === 0 ? "canary" : "mass";
  for (const { targets, window } of partsOf(store.wave(campaign.id, wave), campaign, nowMs, zonesOf)) {
    const order = store.addOrder({
      campaignId: campaign.id,
      kind: "send",
      message,
      wave,
      commandId: campaign.commandIds[message],
      statement: campaign.signed[message],
      targets: targets.serialize("portable"),
      ratePerSecond: campaign.permit.rate_max_per_second,
      ...(window && { window }),
      notAfterMs: campaign.permit.not_after,
      atMs: nowMs,
    });
    const detail = { seq: order.seq, wave, message, targets: targets.size, ...(window && { opensMs: window.opensMs }) };
    store.appendLedger({ atMs: nowMs, actor: PLANNER, act: "order.sent", campaignId: campaign.id, detail });
  }
  const { soakingSinceMs: _, ...rest } = campaign;
  return { ...rest, wave, waveAtMs: nowMs };
}

interface Timed {
  readonly targets: RoaringBitmap32;
  readonly window?: Window;
}

/** One for all, or with hours one for each window: all zones in which it opens at the same moment. */
function partsOf(targets: RoaringBitmap32, { hours }: Campaign, nowMs: number, zonesOf: ZonesOf): Iterable<Timed> {
  if (hours === undefined) return [{ targets }];
  const parts = new Map<number, Timed>();
  for (const { value: zone, devices } of zonesOf(targets)) {
    const window = windowIn(zone, hours, nowMs);
    const others = parts.get(window.opensMs)?.targets ?? new RoaringBitmap32();
    parts.set(window.opensMs, { targets: RoaringBitmap32.or(others, devices), window });
  }
  return parts.values();
}
