/** From an operator's request to a draft: fills in what was left open, selects the cohort, solves the spread. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Ladder } from "../campaign/campaign.ts";
import { kindOf } from "../campaign/commands/index.ts";
import type { DraftInput } from "../campaign/draft.ts";
import { type DryRun, dryRun } from "../campaign/dry-run.ts";
import { lengthMsOf } from "../campaign/hours.ts";
import { PRIORITY_EMERGENCY } from "../campaign/limits.ts";
import type { WaveCap } from "../campaign/wave-caps.ts";
import { defaultLadder, describeWaves, orderWaves } from "../campaign/wave-order.ts";
import type { FleetStore } from "../fleet/store.ts";
import { type DraftOrder, type DraftRequest, draftRequest } from "./api/schemas.ts";
import { groupsOf } from "./fetch-sizes.ts";
import { inTurns, othersFirst } from "./in-turns.ts";
import { DEVICES_PER_TURN, FAILED_SHARE_MAX, MISSING_SHARE_MAX, RATE_PER_SECOND } from "./limits.ts";
import type { Clock } from "../trust/clock.ts";
import type { Ordered } from "./ordered/ordered.ts";
import { orderedStop } from "./ordered/stop-process.ts";
import { orderedUpdate } from "./ordered/update.ts";
import { capacityOf, type State } from "./state-directory.ts";

interface DraftPlan {
  readonly dryRun: DryRun;
  /** What a draft is made of, when it is more than a dry run. */
  readonly input: DraftInput;
}

/** Throws what the rooms throw: ERR_FLEET_QUERY_*, ERR_CAMPAIGN_*, ERR_OPENC2_*; ERR_SERVER_NOT_FOUND without a release. */
export async function planDraft(
  given: DraftRequest,
  author: string,
  { state, fleet, clock }: { readonly state: State; readonly fleet: FleetStore; readonly clock: Clock },
): Promise<DraftPlan> {
  const nowMs = clock.nowMs();
  const request = draftRequest.parse(given);
  const { command, imageBytes, bytesOf, ...ordered } = await orderedBy(request, state, clock);
  const cohortRequest = { ...ordered.request, ...(request.optOutOverride !== undefined && { optOutOverride: request.optOutOverride }) };
  const kind = kindOf(command);
  kind.checkRequest(cohortRequest);
  const { selected, leftOut } = fleet.select(cohortRequest, nowMs);
  // An empty cohort still has a dry run: it says why everybody was left out.
  const ladder = defaultLadder(Math.max(1, selected.size), { ...kind.ladder, ...request.ladder });
  const caps = capsOf(ladder, selected, fleet);
  // Waves of millions are hashes of millions of ids (ADR 6).
  const devices = inTurns(fleet.ids(selected), DEVICES_PER_TURN);
  const waves = await orderWaves(devices, request.command.command_id, ladder, { caps, pause: othersFirst });
  const ratePerSecond = request.ratePerSecond ?? RATE_PER_SECOND;
  const run = dryRun({
    groups: groupsOf({ regions: fleet.parts(selected, "region"), versions: fleet.parts(selected, "version") }, bytesOf),
    leftOut,
    imageBytes,
    capacity: capacityOf(state.config),
    ratePerSecond,
    ladder,
    waves: describeWaves(
      waves.map(({ size }) => size),
      ladder,
    ),
    spreadMs: request.spreadMs,
    newcomersMax: request.newcomersMax,
    ...(request.hours && { windowMs: lengthMsOf(request.hours) }),
  });
  const input: DraftInput = {
    ...ordered,
    command,
    request: cohortRequest,
    waves,
    author,
    ...(request.overrides !== undefined && { overrides: request.overrides }),
    from: state.config.producer,
    ...(request.hours !== undefined && { hours: request.hours }),
    ...(request.after !== undefined && { after: request.after }),
    ...(request.newcomersMax !== undefined && { newcomersMax: request.newcomersMax }),
    priority: request.priority ?? (request.ladder?.lane === "emergency" ? PRIORITY_EMERGENCY : 0),
    ladder,
    spreadMs: run.spreadMs,
    ratePerSecond,
    halt: { failed_share_max: request.failedShareMax ?? FAILED_SHARE_MAX, missing_share_max: request.missingShareMax ?? MISSING_SHARE_MAX },
    nowMs,
    ...(request.notBeforeMs !== undefined && { notBeforeMs: request.notBeforeMs }),
    notAfterMs: Math.max(nowMs, request.notBeforeMs ?? nowMs) + request.expiresInMs,
  };
  return { dryRun: run, input };
}

function orderedBy({ command, ...terms }: DraftOrder, state: State, clock: Clock): Ordered | Promise<Ordered> {
  return command.action === "stop" ? orderedStop(command, terms, state) : orderedUpdate(command, terms, state, clock);
}

function capsOf({ regionCountMax, hardwareCountMax }: Ladder, selected: RoaringBitmap32, fleet: FleetStore): readonly WaveCap[] {
  const capOf = (field: "region" | "hardware", countMax: number | undefined) =>
    countMax === undefined ? [] : [{ countMax, groups: fleet.parts(selected, field).map(({ devices }) => devices) }];
  return [...capOf("region", regionCountMax), ...capOf("hardware", hardwareCountMax)];
}
