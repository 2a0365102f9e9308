/** From an operator's request to a draft: fills in what only the release knows, selects the cohort, solves the spread. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Ladder } from "../campaign/campaign.ts";
import type { DraftInput } from "../campaign/draft.ts";
import { type DryRun, dryRun } from "../campaign/dry-run.ts";
import { lengthMsOf } from "../campaign/hours.ts";
import { PRIORITY_EMERGENCY } from "../campaign/limits.ts";
import type { WaveCap } from "../campaign/wave-caps.ts";
import { defaultLadder, describeWaves, orderWaves } from "../campaign/wave-order.ts";
import { readRelease } from "../depot/read-release.ts";
import { readRepository } from "../depot/repository/read.ts";
import type { Release } from "../depot/release.ts";
import type { CohortRequest } from "../fleet/cohort.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Command } from "../openc2/model.ts";
import { type DraftRequest, draftRequest } from "./api/schemas.ts";
import { ServerError } from "./errors.ts";
import { fetchSizes, groupsOf } from "./fetch-sizes.ts";
import { inTurns } from "./in-turns.ts";
import { DEVICES_PER_TURN, FAILED_SHARE_MAX, MISSING_SHARE_MAX, RATE_PER_SECOND } from "./limits.ts";
import type { Clock } from "../trust/clock.ts";
import { releaseCounters } from "./release-counters.ts";
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
  const software = request.command.target["x-swup:software"];
  const release = await findRelease(state, software, clock);
  const cohortRequest: CohortRequest = {
    tenant: state.config.tenant,
    vendor: software.vendor,
    name: software.name,
    newVersion: software.new_version,
    ...(software.old_version !== undefined && { oldVersion: software.old_version }),
    ...(request.query !== undefined && { query: request.query, counters: await releaseCounters(state.paths.depot, software) }),
    ...(request.optOutOverride !== undefined && { optOutOverride: request.optOutOverride }),
  };
  const { selected, leftOut } = fleet.select(cohortRequest, nowMs);
  // An empty cohort still has a dry run: it says why everybody was left out.
  const ladder = defaultLadder(Math.max(1, selected.size), request.ladder);
  const caps = capsOf(ladder, selected, fleet);
  // Waves of millions are hashes of millions of ids (ADR 6).
  const devices = () => inTurns(fleet.ids(selected), DEVICES_PER_TURN);
  const cappedWaves = async () => {
    const waves = await orderWaves(devices(), request.command.command_id, ladder, caps);
    return describeWaves(
      waves.map(({ size }) => size),
      ladder,
    );
  };
  const ratePerSecond = request.ratePerSecond ?? RATE_PER_SECOND;
  const bytesOf = fetchSizes(await readRepository(state.paths.depot), release);
  const run = dryRun({
    groups: groupsOf({ regions: fleet.parts(selected, "region"), versions: fleet.parts(selected, "version") }, bytesOf),
    leftOut,
    imageBytes: release.size,
    capacity: capacityOf(state.config),
    ratePerSecond,
    ladder,
    ...(caps.length > 0 && { waves: await cappedWaves() }),
    spreadMs: request.spreadMs,
    newcomersMax: request.newcomersMax,
    ...(request.hours && { windowMs: lengthMsOf(request.hours) }),
  });
  const input: DraftInput = {
    command: complete(request.command, release),
    request: cohortRequest,
    releaseCounter: release.counter,
    devices: devices(),
    caps,
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

function capsOf({ regionCountMax, hardwareCountMax }: Ladder, selected: RoaringBitmap32, fleet: FleetStore): readonly WaveCap[] {
  const capOf = (field: "region" | "hardware", countMax: number | undefined) =>
    countMax === undefined ? [] : [{ countMax, groups: fleet.parts(selected, field).map(({ devices }) => devices) }];
  return [...capOf("region", regionCountMax), ...capOf("hardware", hardwareCountMax)];
}

type Written = ReturnType<typeof draftRequest.parse>["command"];

/** What the use case leaves open: digest and size, and the source when the command does not say. */
function complete(written: Written, release: Release): Command {
  const software = written.target["x-swup:software"];
  const { old_version, ...rest } = software;
  return {
    action: "update",
    target: {
      "x-swup:software": {
        ...rest,
        ...(old_version !== undefined && { old_version }),
        source: software.source ?? release.source,
        size: release.size,
        hashes: { sha256: release.sha256.toUpperCase() },
        ...(release.hardware.length > 0 && { hardware: release.hardware }),
      },
    },
    args: written.args,
    command_id: written.command_id,
  };
}

async function findRelease({ paths }: State, software: Written["target"]["x-swup:software"], clock: Clock): Promise<Release> {
  const { vendor, name, new_version: version } = software;
  const release = await readRelease(paths.depot, { vendor, name, version }, clock);
  if (release !== undefined) return release;
  throw new ServerError("ERR_SERVER_NOT_FOUND", `no release ${vendor} ${name} ${version} is published; publish it with \`edict release\``);
}
