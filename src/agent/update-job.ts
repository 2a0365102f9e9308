/**
 * Carries out an accepted update: waits for its slot, looks the release up, fetches, verifies, fills the spare slot, switches.
 * Every instant can be its last: it is resumed from the state file and from what lies in the slot, and nothing is done twice.
 */
import type { DepotClient } from "../depot/client/index.ts";
import { EdictError } from "../openc2/edict-error.ts";
import type { UpdateState } from "../openc2/index.ts";
import type { Clock } from "../trust/clock.ts";
import { holding } from "./answering.ts";
import type { DeviceConfig } from "./config.ts";
import type { Installer, Manifest } from "./installer.ts";
import { lastUpdateOf, statusText, swupResults } from "./inventory.ts";
import { fill } from "./fill.ts";
import { TRIAL_BOOTS_MAX } from "./limits.ts";
import { patiently } from "./patiently.ts";
import type { Booted } from "./boot.ts";
import type { Job, Slot, StateFile } from "./state.ts";
import type { TrustFile } from "./trust-file.ts";
import { agreeOn } from "./update-check.ts";
import { verifyAgain } from "./verify-again.ts";
import { wait } from "./wait.ts";

export interface UpdatePorts {
  readonly config: DeviceConfig;
  readonly states: StateFile;
  readonly trust: TrustFile;
  readonly installer: Installer;
  readonly depot: Pick<DepotClient, "release" | "fetchBlob">;
  readonly clock: Clock;
  readonly random: () => number;
  /** From now on it cannot be called off. */
  readonly onSwitch: () => void;
  readonly onState: (commandId: string, state: UpdateState, error?: string) => void;
}

/**
 * Resolves "reboot" when the spare slot is on trial from the next start, "ended" when the job is over without one: its
 * outcome stands in the state then. Rejects only for faults of the device itself (its disk), after which a restart resumes.
 */
export async function runUpdate(job: Job, running: Booted, ports: UpdatePorts, signal: AbortSignal): Promise<"reboot" | "ended"> {
  const { states, config } = ports;
  try {
    ports.onState(job.commandId, "queued");
    await wait(job.startAtMs - ports.clock.nowMs(), signal);
    const verified = await verifyAgain(job, ports);
    const release = await patiently(job, ports, signal, () => {
      ports.onState(job.commandId, "downloading");
      return ports.depot.release(config.vendor, config.name, job.newVersion, { installed: running.manifest.sha256, signal });
    });
    const image = agreeOn(verified, release, config, running.manifest, states.current);
    const spare: Slot = running.slot === "a" ? "b" : "a";
    await fill({ spare, image, running, job, ports, signal });
    // Fetching takes its time, and meanwhile authority may have gone to somebody else.
    await verifyAgain(job, ports);
    // The last moment at which it can be called off: from here on only the trial decides.
    signal.throwIfAborted();
    ports.onSwitch();
    await states.update({ trial: { slot: spare, bootsLeft: TRIAL_BOOTS_MAX + 1 } });
    ports.onState(job.commandId, "rebooting");
    return "reboot";
  } catch (error) {
    if (signal.aborted) return "ended";
    if (!(error instanceof EdictError)) throw error;
    await endFailed(job, error, running.manifest, ports);
    return "ended";
  }
}

/** The job is over; an answer waits for the channel only if one was asked for. */
async function endFailed(job: Job, error: EdictError, manifest: Manifest, { states, onState }: UpdatePorts): Promise<void> {
  const lastUpdate = lastUpdateOf(job, "failed", error.code);
  const response = { status: error.facts.status, status_text: statusText(error), results: swupResults(manifest, lastUpdate) };
  await states.update((state) => ({ job: undefined, lastUpdate, answers: holding(state, job, response) }));
  onState(job.commandId, "failed", error.code);
}
