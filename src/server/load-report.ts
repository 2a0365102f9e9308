/**
 * A campaign's load on depots and access networks: as it was planned, recomputed from who was told when, and as the depot's own
 * records saw it. Before anything is sent the plan is that of the largest wave, told at one instant. Of a large campaign some devices
 * stand for the others.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import { byDevice } from "../after-action/index.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { broughtBy } from "../campaign/commands/update.ts";
import { bucketMsFor, type LoadCurve, LoadMeter, plannedStartMs } from "../campaign/load-curve.ts";
import type { CampaignStore } from "../campaign/ports.ts";
import { readRelease } from "../depot/read-release.ts";
import { readRepository } from "../depot/repository/read.ts";
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Clock } from "../trust/clock.ts";
import { ServerError } from "./errors.ts";
import { fetchSizes } from "./fetch-sizes.ts";
import { inTurns } from "./in-turns.ts";
import { LOAD_DEVICES_MAX, LOAD_SLICE_DEVICES } from "./limits.ts";
import type { State } from "./state-directory.ts";

/** 2^32 by the golden ratio. */
const GOLDEN = 0x9e37_79b1;

export interface LoadPorts {
  readonly state: State;
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly clock: Clock;
}

export interface LoadReport {
  /** False while nothing has been sent. */
  readonly isUnderWay: boolean;
  /** A device that was looked at stands for so many; 1 when all were. */
  readonly everyNth: number;
  readonly spreadMs: number;
  readonly planned: LoadCurve;
  /** By the end of each transfer, from the depot's records. */
  readonly seen: LoadCurve;
}

/** Throws ERR_SERVER_NOT_FOUND when it has no release, or one that is not published here any more. */
export async function loadReport(
  campaign: Campaign,
  { state, fleet, campaigns, clock }: LoadPorts,
  devicesMax = LOAD_DEVICES_MAX,
): Promise<LoadReport> {
  const { oldVersion } = campaign.request;
  const brought = broughtBy(campaign.request);
  if (brought === undefined) throw new ServerError("ERR_SERVER_NOT_FOUND", `nobody fetches anything for ${campaign.id}`);
  const release = await readRelease(state.paths.depot, brought, clock);
  if (release === undefined)
    throw new ServerError("ERR_SERVER_NOT_FOUND", `no release ${brought.vendor} ${brought.name} ${brought.version} is published`);
  const bytesOf = fetchSizes(await readRepository(state.paths.depot), release);
  const args = campaign.command.args;
  const spreadMs = args?.["x-swup"]?.spread ?? 0;
  const [planned, seen] = [new LoadMeter(bucketMsFor(spreadMs)), new LoadMeter(bucketMsFor(spreadMs))];
  const plan = ({ id, region, version: runs }: Device, { commandId, atMs: toldMs }: Told, everyNth: number) => {
    const atMs = plannedStartMs(id, { toldMs, startTimeMs: args?.start_time, commandId, spreadMs });
    planned.add({ atMs, region, bytes: bytesOf(oldVersion ?? runs) }, everyNth);
  };

  let isUnderWay = false;
  const ordered = campaign.waves.slice(0, campaign.wave + 1).map(({ index }) => campaigns.wave(campaign.id, index));
  let sample = sampleOf(RoaringBitmap32.orMany(ordered), devicesMax);
  const cases = byDevice(fleet.devices(sample.devices), fleet.evidence(sample.devices, campaign.createdMs));
  for await (const { device, evidence } of inTurns(cases, sample.perTurn)) {
    for (const item of evidence) if (item.kind === "download") seen.add({ ...item, region: device.region }, sample.everyNth);
    const told = evidence.find((item) => isOrder(item, campaign));
    if (told?.kind !== "sent") continue;
    isUnderWay = true;
    plan(device, told, sample.everyNth);
  }
  if (!isUnderWay) {
    const largest = campaign.waves.toSorted((one, other) => other.count - one.count)[0]?.index ?? 0;
    const now = { commandId: campaign.commandIds.mass, atMs: clock.nowMs() };
    sample = sampleOf(campaigns.wave(campaign.id, largest), devicesMax);
    for await (const device of inTurns(fleet.devices(sample.devices), sample.perTurn)) plan(device, now, sample.everyNth);
  }
  return { isUnderWay, everyNth: sample.everyNth, spreadMs, planned: planned.curve(), seen: seen.curve() };
}

interface Sample {
  readonly devices: RoaringBitmap32;
  readonly everyNth: number;
  /** Few devices of many are read from many pages. */
  readonly perTurn: number;
}

/** Multiples of the golden ratio are spread evenly, also those of every third ordinal: devices were imported in whatever pattern. */
function sampleOf(all: RoaringBitmap32, devicesMax: number): Sample {
  const everyNth = Math.max(1, Math.ceil(all.size / devicesMax));
  const perTurn = Math.ceil(LOAD_SLICE_DEVICES / everyNth);
  if (everyNth === 1) return { devices: all, everyNth, perTurn };
  const some = all.toUint32Array().filter((ordinal) => (Math.imul(ordinal, GOLDEN) >>> 0) * everyNth < 2 ** 32);
  return { devices: RoaringBitmap32.from(some), everyNth, perTurn };
}

interface Told {
  readonly atMs: number;
  readonly commandId: string;
}

function isOrder(item: Evidence, { commandIds }: Campaign): boolean {
  return item.kind === "sent" && [commandIds.canary, commandIds.mass].includes(item.commandId);
}
