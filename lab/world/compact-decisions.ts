/**
 * What a compact device decides about commands and about the update under way. The decisions are the agent's own pure functions
 * (acceptUpdate, agreeOn, depotWaitMs); only the waiting and the writing between them are told again here, in numbers.
 */
import { AgentError } from "../../src/agent/index.ts";
import { swupResults } from "../../src/agent/inventory.ts";
import { DEPOT_TRIES_MAX, DIGEST_TRIES_MAX, TRIAL_BOOTS_MAX } from "../../src/agent/limits.ts";
import { depotWaitMs } from "../../src/agent/patiently.ts";
import { acceptUpdate, agreeOn } from "../../src/agent/update-check.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import type { Response } from "../../src/openc2/index.ts";
import type { VerifiedCommand } from "../../src/trust/verify/index.ts";
import { IMAGE, RELEASE, softwareOf } from "./catalogue.ts";
import { CompactHousekeeping } from "./compact-housekeeping.ts";
import type { CompactMemory } from "./compact-memory.ts";
import { isAsking, statusOf, verifiedAt } from "./compact-verdict.ts";
import { at, type Columns, JOB } from "./device-columns.ts";
import type { DevicePorts } from "./device-ports.ts";
import type { Frame } from "./frames.ts";

interface DecisionEvents {
  readonly onReboot: (ordinal: number) => void;
  /** It has stopped what it needs for its network. */
  readonly onLost: (ordinal: number) => void;
}

export class Decisions {
  readonly house: CompactHousekeeping;
  readonly #memory: CompactMemory;
  readonly #columns: Columns;
  readonly #ports: DevicePorts;
  readonly #onReboot: (ordinal: number) => void;
  /** A planted bug: it takes what nobody signed. */
  readonly #isCredulous: boolean;

  constructor(memory: CompactMemory, ports: DevicePorts, isCredulous: boolean, { onReboot, onLost }: DecisionEvents) {
    this.#memory = memory;
    this.#columns = memory.columns;
    this.#ports = ports;
    this.#isCredulous = isCredulous;
    this.#onReboot = onReboot;
    this.house = new CompactHousekeeping(memory, ports, { nowMs: (ordinal) => this.#nowMs(ordinal), onRestart: onReboot, onLost });
  }

  random(ordinal: number): number {
    const c = this.#columns;
    const drawn = at(c.drawn, ordinal);
    c.drawn[ordinal] = drawn + 1;
    return this.#ports.chance("device", ordinal, drawn);
  }

  /** The inventory first, then an answer that a reboot held up (agent.ts). */
  greet(ordinal: number): void {
    const c = this.#columns;
    const lastUpdate = this.#memory.lastUpdate(ordinal);
    const lastCommand = this.#memory.lastCommand(ordinal);
    this.#ports.network.say(ordinal, {
      kind: "check-in",
      checkIn: {
        software: softwareOf(this.#memory.image(ordinal), this.#memory.kind(ordinal)),
        boot: at(c.boot, ordinal),
        slot: at(c.active, ordinal) === 0 ? "a" : "b",
        seen: this.#memory.seenIds(ordinal),
        ...(lastUpdate && { last_update: lastUpdate }),
        ...(lastCommand && { last_command: lastCommand }),
      },
    });
    this.#giveHeldAnswer(ordinal);
    this.house.giveHeldAnswers(ordinal);
  }

  heard(ordinal: number, frame: Frame): void {
    const { verdict } = frame;
    if (typeof verdict === "string") {
      if (this.#isCredulous) this.#swallow(ordinal, frame);
      else this.#ports.witness.refused(ordinal, verdict);
      return;
    }
    const c = this.#columns;
    if (this.#nowMs(ordinal) >= verdict.notAfterMs) return this.#ports.witness.refused(ordinal, "ERR_TRUST_EXPIRED");
    if (verdict.command.action !== "cancel") c.floorMs[ordinal] = Math.max(at(c.floorMs, ordinal), verdict.createdMs);
    try {
      this.#answer(ordinal, verdict, this.#act(ordinal, frame, verdict));
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.#ports.witness.refused(ordinal, error.code);
      this.#answer(ordinal, verdict, { status: error.facts.status });
    }
  }

  /** The accepted update, from its start or again after one of the device's (update-job.ts). */
  begin(ordinal: number): void {
    const c = this.#columns;
    c.phase[ordinal] = JOB.queued;
    c.tries[ordinal] = 0;
    c.downloads[ordinal] = 0;
    this.#due(ordinal, Math.max(0, at(c.startMs, ordinal) - this.#nowMs(ordinal)));
  }

  goOn(ordinal: number): void {
    try {
      this.#step(ordinal);
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.finish(ordinal, "failed", error.code);
    }
  }

  /** The job is over; its answer waits for the channel if one was asked for. */
  finish(ordinal: number, state: "done" | "failed" | "rolled_back" | "cancelled", error = ""): void {
    const c = this.#columns;
    const number = at(c.job, ordinal) - 1;
    this.#memory.remember(ordinal, number, state, error);
    c.job[ordinal] = 0;
    c.phase[ordinal] = JOB.none;
    if (state === "done") c.counterFloor[ordinal] = Math.max(at(c.counterFloor, ordinal), this.#memory.manifest(ordinal).counter);
    const { verdict } = this.#memory.frame(number + 1) ?? {};
    if (typeof verdict !== "object" || state === "cancelled") return;
    c.answer[ordinal] = isAsking(verdict) ? 1 : 0;
    if (state === "failed") this.#giveHeldAnswer(ordinal);
  }

  #act(ordinal: number, frame: Frame, verified: VerifiedCommand): Response | undefined {
    const { action, target } = verified.command;
    if (action === "stop" || action === "restart") return this.house.act(ordinal, frame, verified);
    const answer = action === "query" ? this.house.answer(ordinal, verified) : undefined;
    if (answer !== undefined) return answer;
    if (action === "query") return { status: 200, results: swupResults(this.#memory.manifest(ordinal), this.#memory.saidOfJob(ordinal)) };
    if (action === "cancel") return this.#cancel(ordinal, frame, String((target as { readonly command?: unknown }).command));
    return this.#update(ordinal, frame, verified);
  }

  #update(ordinal: number, frame: Frame, verified: VerifiedCommand): Response | undefined {
    const c = this.#columns;
    const number = this.#memory.numberOf(verified.commandId, frame);
    if (this.#memory.hasSeen(ordinal, number)) return undefined;
    const config = this.#memory.config(ordinal);
    const installed = this.#memory.manifest(ordinal);
    try {
      const job = acceptUpdate(verified, config, installed, this.#nowMs(ordinal));
      if (job === "current") {
        this.#memory.see(ordinal, number);
        return { status: 200, results: swupResults(installed, this.#memory.lastUpdate(ordinal)) };
      }
      if (at(c.job, ordinal) > 0) throw new AgentError("ERR_AGENT_BUSY", "an update is under way");
      this.#memory.see(ordinal, number);
      c.job[ordinal] = number + 1;
      c.startMs[ordinal] = job.startAtMs;
      this.#ports.witness.obeyed(ordinal, verified.commandId);
      this.begin(ordinal);
      return undefined;
    } catch (error) {
      if (error instanceof EdictError && !error.facts.retry && at(c.job, ordinal) === 0) {
        this.#memory.see(ordinal, number);
        this.#memory.remember(ordinal, number, "failed", error.code);
      }
      throw error;
    }
  }

  #cancel(ordinal: number, frame: Frame, cancelled: string): Response {
    const c = this.#columns;
    const number = this.#memory.numberOf(cancelled, undefined);
    const isForJob = at(c.job, ordinal) === number + 1;
    this.#memory.see(ordinal, number);
    this.#memory.see(ordinal, this.#memory.numberOf(typeof frame.verdict === "object" ? frame.verdict.commandId : "", frame));
    if (this.house.callOff(ordinal, number)) return { status: 200 };
    if (!isForJob) throw new AgentError("ERR_AGENT_CANCELLED", "there is no such command");
    this.#columns.jobDueMs[ordinal] = Number.POSITIVE_INFINITY;
    this.finish(ordinal, "cancelled");
    return { status: 200 };
  }

  #step(ordinal: number): void {
    const c = this.#columns;
    const { depot } = this.#ports;
    const verified = verifiedAt(this.#memory.frame(at(c.job, ordinal)), this.#nowMs(ordinal));
    switch (at(c.phase, ordinal)) {
      case JOB.queued:
      case JOB.looking:
        c.phase[ordinal] = JOB.looking;
        if (depot.problem() !== undefined) return this.#tryLater(ordinal, depot.problem());
        agreeOn(verified, RELEASE, this.#memory.config(ordinal), this.#memory.manifest(ordinal), this.#memory.floors(ordinal));
        // A cut between the commit and the switch: the slot is filled already.
        if (at(this.#memory.spareSlot(ordinal), ordinal) === IMAGE.new) return this.#switch(ordinal);
        c.phase[ordinal] = JOB.downloading;
        c.tries[ordinal] = 0;
        return this.#due(ordinal, depot.fetchMs(ordinal));
      case JOB.downloading:
        if (!depot.isUp()) {
          depot.fetched(ordinal, false);
          return this.#tryLater(ordinal, "ERR_DEPOT_UNREACHABLE");
        }
        return this.#fetched(ordinal);
    }
  }

  #fetched(ordinal: number): void {
    const c = this.#columns;
    const { depot, witness } = this.#ports;
    const download = at(c.downloads, ordinal) + 1;
    c.downloads[ordinal] = download;
    depot.fetched(ordinal, true);
    if (depot.isAltered(ordinal, download)) {
      if (download >= DIGEST_TRIES_MAX) throw new AgentError("ERR_AGENT_DIGEST", "wrong bytes");
      return this.#due(ordinal, depot.fetchMs(ordinal));
    }
    this.#memory.spareSlot(ordinal)[ordinal] = IMAGE.new;
    witness.installed(ordinal, IMAGE.new, this.#memory.frame(at(c.job, ordinal)));
    this.#switch(ordinal);
  }

  #switch(ordinal: number): void {
    this.#columns.trialLeft[ordinal] = TRIAL_BOOTS_MAX + 1;
    this.#onReboot(ordinal);
  }

  #tryLater(ordinal: number, code: string | undefined): void {
    const c = this.#columns;
    const tries = at(c.tries, ordinal) + 1;
    c.tries[ordinal] = tries;
    if (tries >= DEPOT_TRIES_MAX) {
      this.finish(ordinal, "failed", code);
      return;
    }
    this.#due(
      ordinal,
      depotWaitMs(tries, () => this.random(ordinal)),
    );
  }

  /** The planted bug: whatever it is told to install, it does. */
  #swallow(ordinal: number, frame: Frame): void {
    this.#memory.spareSlot(ordinal)[ordinal] = IMAGE.forged;
    this.#ports.witness.installed(ordinal, IMAGE.forged, frame);
  }

  #answer(ordinal: number, verified: VerifiedCommand, response: Response | undefined): void {
    if (response === undefined || !isAsking(verified)) return;
    this.#ports.network.say(ordinal, { kind: "response", requestId: verified.headers.request_id ?? "", response });
  }

  #giveHeldAnswer(ordinal: number): void {
    const c = this.#columns;
    const { verdict } = this.#memory.frame(at(c.lastCommand, ordinal)) ?? {};
    if (at(c.answer, ordinal) === 0 || typeof verdict !== "object") return;
    const lastUpdate = this.#memory.lastUpdate(ordinal);
    const status = lastUpdate?.state === "done" ? 200 : statusOf(lastUpdate?.error);
    const results = swupResults(this.#memory.manifest(ordinal), lastUpdate);
    c.answer[ordinal] = 0;
    this.#ports.network.say(ordinal, { kind: "response", requestId: verdict.headers.request_id ?? "", response: { status, results } });
  }

  /** Its own clock, but never before what somebody vouched for. */
  #nowMs(ordinal: number): number {
    const { time, fate } = this.#ports;
    return Math.max(time.nowMs() + fate.skewMs(ordinal), at(this.#columns.floorMs, ordinal));
  }

  #due(ordinal: number, inMs: number): void {
    this.#columns.jobDueMs[ordinal] = this.#ports.time.wakeIn(ordinal, inMs);
  }
}
