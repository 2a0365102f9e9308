/** Runs one world, and says of it what a person or a test wants to know. */
import type { VerdictName } from "../../src/fleet/verdict.ts";
import { FATES, type FateName } from "./truth.ts";
import type { Outcome } from "./outcome.ts";
import type { Settings } from "./settings.ts";
import { Violation } from "./violation.ts";
import { World, type WorldOptions } from "./world.ts";

export type Trial = Summary & ({ readonly ok: true } | { readonly ok: false; readonly violation: string; readonly invariant: string });

interface Summary {
  readonly seed: number;
  readonly devices: number;
  /** SHA-256 of everything that happened. */
  readonly digest: string;
  readonly events: number;
  readonly simulatedMs: number;
  readonly realMs: number;
  readonly targeted?: number;
  /** Devices that an honest gateway sent something of the campaign to. */
  readonly commanded?: number;
  readonly state?: string;
  readonly reason?: string;
  readonly fates?: { readonly [fate in FateName]: number };
  readonly verdicts?: { readonly [verdict in VerdictName]?: number };
  /** Devices outside the cohort that an evil gateway got to install the release. */
  readonly widened?: number;
  /** Of the campaign that stopped a process before. */
  readonly stop?: StopSummary;
}

export interface StopSummary {
  readonly state: string;
  readonly reason?: string;
  readonly targeted: number;
  readonly commanded: number;
  readonly verdicts: { readonly [verdict in VerdictName]?: number };
  /** Devices that run the process at the end. */
  readonly running: number;
}

/** Breaking a rule is a result; anything else that is thrown is a fault of the simulator or of the code in it, and a result too. */
export async function tryWorld(settings: Settings, options?: WorldOptions): Promise<Trial> {
  const world = await World.make(settings, options);
  const begunMs = performance.now();
  try {
    const outcome = await world.run();
    const { stops } = settings;
    const stop = stops === undefined ? undefined : stopOf(outcome, stops);
    return { ok: true, ...summaryOf(outcome), ...(stop && { stop }), realMs: performance.now() - begunMs };
  } catch (error) {
    const violation =
      error instanceof Violation ? error : new Violation("no part fails by itself", String(error instanceof Error ? error.stack : error));
    return {
      ok: false,
      violation: violation.message,
      invariant: violation.invariant,
      seed: settings.seed,
      devices: settings.devices,
      digest: world.log.digest(),
      events: world.time.events,
      simulatedMs: world.time.nowMs() - world.time.startMs,
      realMs: performance.now() - begunMs,
    };
  }
}

function summaryOf({ seed, devices, digest, events, simulatedMs, campaign, truth, verdicts }: Outcome) {
  const fates = Object.fromEntries(FATES.map((fate) => [fate, truth.countOf(fate)])) as { [fate in FateName]: number };
  const { state, reason, targeted } = campaign;
  return {
    seed,
    devices,
    digest,
    events,
    simulatedMs,
    targeted,
    commanded: truth.reachedBy(campaign.id).size,
    state,
    ...(reason !== undefined && { reason }),
    fates,
    verdicts: countsOf(verdicts),
    widened: truth.widened,
  };
}

function stopOf({ stop, truth }: Outcome, process: string): StopSummary | undefined {
  if (stop === undefined) return undefined;
  const { state, reason, targeted, id } = stop.campaign;
  return {
    state,
    ...(reason !== undefined && { reason }),
    targeted,
    commanded: truth.reachedBy(id).size,
    verdicts: countsOf(stop.verdicts),
    running: truth.countRunning(process),
  };
}

function countsOf(verdicts: Outcome["verdicts"]): { readonly [verdict in VerdictName]?: number } {
  const counts: { [verdict in VerdictName]?: number } = {};
  for (const { verdict } of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
