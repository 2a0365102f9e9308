/**
 * What happens at each start: which slot runs, and what becomes of a trial. A slot on trial gets few boots; the first healthy
 * one marks it good, otherwise the old slot comes back. Every decision is one replacement of the state file.
 */
import type { LastUpdate, Response } from "../openc2/index.ts";
import { raiseFloor } from "../trust/counters.ts";
import { holding } from "./answering.ts";
import type { DeviceConfig } from "./config.ts";
import { AGENT_ERRORS, AgentError } from "./errors.ts";
import { isHealthy } from "./health.ts";
import type { Installer, Manifest } from "./installer.ts";
import { lastUpdateOf, swupResults } from "./inventory.ts";
import type { DeviceState, Slot, StateFile } from "./state.ts";

export interface Booted {
  readonly slot: Slot;
  readonly manifest: Manifest;
}

/** Starts the device; rolls back and starts again when a trial fails. Throws ERR_AGENT_STATE when no slot can run. */
export async function boot(config: DeviceConfig, installer: Installer, states: StateFile): Promise<Booted> {
  const before = await states.load();
  const { trial } = before;
  const state = await states.update({ boot: before.boot + 1, trial: trial && { ...trial, bootsLeft: trial.bootsLeft - 1 } });
  if (trial === undefined) return running(installer, state.active);
  if (trial.bootsLeft > 0 && (await isHealthy(config, installer, trial.slot))) {
    const { manifest } = await running(installer, trial.slot);
    await states.update(markGood(state, trial.slot, manifest));
    return { slot: trial.slot, manifest };
  }
  // Into the old slot, which is another start.
  const { manifest } = await running(installer, state.active);
  await states.update({ ...rollBack(state, manifest), boot: state.boot + 1 });
  return { slot: state.active, manifest };
}

async function running(installer: Installer, slot: Slot): Promise<Booted> {
  const manifest = await installer.manifest(slot);
  if (manifest === undefined) throw new AgentError("ERR_AGENT_STATE", `slot ${slot} should run, but holds nothing`);
  return { slot, manifest };
}

function markGood(state: DeviceState, slot: Slot, manifest: Manifest) {
  const { floors, job } = state;
  const { vendor, name, counter } = manifest;
  const lastUpdate = job && lastUpdateOf(job, "done", job.withoutDelta);
  return {
    active: slot,
    trial: undefined,
    job: undefined,
    lastUpdate,
    floors: raiseFloor(floors, vendor, name, counter),
    answers: job && holding(state, job, responseOf(manifest, lastUpdate)),
  };
}

function rollBack(state: DeviceState, manifest: Manifest) {
  const { job } = state;
  const lastUpdate = job && lastUpdateOf(job, "rolled_back", "ERR_AGENT_HEALTH");
  return { trial: undefined, job: undefined, lastUpdate, answers: job && holding(state, job, responseOf(manifest, lastUpdate)) };
}

/** The final answer, which waits in the state until there is a channel again. */
function responseOf(manifest: Manifest, lastUpdate: LastUpdate | undefined): Response {
  const status = lastUpdate?.state === "done" ? 200 : AGENT_ERRORS.ERR_AGENT_HEALTH.status;
  return { status, ...(lastUpdate?.error && { status_text: lastUpdate.error }), results: swupResults(manifest, lastUpdate) };
}
