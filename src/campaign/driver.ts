/**
 * Makes campaigns go: applies what the planner says, and what people say with signatures. It chooses nothing itself.
 *
 * Rules kept here: every act is one transaction of state, order rows and ledger, made on a campaign that was read inside it,
 * so that a crash loses or doubles nothing; gateways are told only after it is committed; stopping is refused for
 * nothing but a wrong signature or another campaign's statement.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../trust/clock.ts";
import { TrustError } from "../trust/errors.ts";
import type { DenyList } from "../trust/permit.ts";
import { type DirectorHistory, type VerifiedCommand, verifyCommand, verifyDenyList, verifyHold } from "../trust/verify/index.ts";
import { addPause, applySteps, type ZonesOf } from "./apply.ts";
import { acceptSignatures } from "./approval.ts";
import { type Campaign, type CampaignState, CLIMBING_STATES } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import { type Hold, checkResume, goOn, held, reasonOf } from "./holds.ts";
import { membersOf } from "./newcomers.ts";
import { plan, PLANNED_STATES } from "./plan.ts";
import type { CampaignStore, LedgerAct, Observer, OrderRow } from "./ports.ts";

export interface DriverPorts {
  readonly store: CampaignStore;
  readonly observer: Observer;
  readonly directors: DirectorHistory;
  readonly clock: Clock;
  /** What maintenance hours are looked up by; without it nobody's time zone is known. */
  readonly zonesOf?: ZonesOf;
  /** Called after an act was committed: there may be new orders. */
  readonly onOrder: () => void;
}

/** A campaign that is done still reaches devices that return before its permit ends. */
const STOPPABLE: readonly CampaignState[] = [...CLIMBING_STATES, "paused", "halted", "stopped", "done"];
const RESUMABLE: readonly CampaignState[] = ["paused", "halted", "stopped"];
const ASKABLE: readonly CampaignState[] = [...CLIMBING_STATES, "paused", "halted", "done"];

export class Driver {
  readonly #ports: DriverPorts;

  constructor(ports: DriverPorts) {
    this.#ports = ports;
  }

  /** One turn of the clockwork. A campaign that cannot be planned does not hold up the others; its error is thrown after them. */
  tick(): void {
    const errors: unknown[] = [];
    const all = this.#ports.store.list();
    for (const campaign of all) {
      try {
        this.#advance(campaign, all);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} campaigns could not go on`);
  }

  /** Adds signatures to a draft; the campaign is approved once they are enough. Throws as `acceptSignatures`. */
  async sign(campaignId: string, signed: Campaign["signed"]): Promise<Campaign> {
    const accepted = await acceptSignatures(this.#get(campaignId), signed, this.#ports.directors.current);
    return this.#act(campaignId, ["draft"], (_, nowMs) => {
      const people = accepted.signedBy?.join(" and ") ?? "";
      this.#note(nowMs, people, accepted.state === "approved" ? "campaign.approved" : "campaign.signed", campaignId);
      return accepted;
    });
  }

  /** The kill switch: nothing more is sent, by any gateway. `statement` is a signed stop. */
  async stop(campaignId: string, statement: string): Promise<Campaign> {
    const stop = await this.#verifyHold(campaignId, statement, "stop");
    return this.#act(campaignId, STOPPABLE, (campaign, nowMs) => {
      if (campaign.state === "stopped") return campaign;
      this.#order({ campaignId, kind: "stop", statement, atMs: nowMs }, stop.persons, "campaign.stopped", { reason: reasonOf(stop) });
      return held(campaign, "stopped", reasonOf(stop), nowMs);
    });
  }

  /** Lets a paused, halted or stopped campaign go on where it was; of a halted wave the halt is overruled. Signed by two. */
  async resume(campaignId: string, statement: string): Promise<Campaign> {
    const resume = await this.#verifyHold(campaignId, statement, "resume");
    return this.#act(campaignId, RESUMABLE, (campaign, nowMs) => {
      checkResume(campaign, resume, nowMs);
      const detail = { from: campaign.state, reason: reasonOf(resume) };
      this.#order({ campaignId, kind: "resume", statement, atMs: nowMs }, resume.persons, "campaign.resumed", detail);
      return goOn(campaign, nowMs);
    });
  }

  /** Sends no more, also of the wave under way. It is the manager's word alone: whoever does not trust the manager signs a stop. */
  pause(campaignId: string, person: string, reason: string): Campaign {
    return this.#act(campaignId, [...CLIMBING_STATES, "done"], (campaign, nowMs) => {
      addPause(this.#ports.store, campaignId, nowMs);
      this.#note(nowMs, person, "campaign.paused", campaignId, { reason: reasonOf({ reason }) });
      return held(campaign, "paused", reasonOf({ reason }), nowMs);
    });
  }

  /**
   * Stops for good, and sends a signed OpenC2 cancel to everybody who may have been sent to. A second cancel, of the
   * campaign's other command, may follow. `statement` is a signed stop, `frame` the signed command.
   */
  async cancel(campaignId: string, statement: string, frame: string): Promise<Campaign> {
    const { directors, clock } = this.#ports;
    const stop = await this.#verifyHold(campaignId, statement, "stop");
    const cancel = await verifyCommand(new TextEncoder().encode(frame), { director: directors.current, nowMs: clock.nowMs() });
    const { action, target } = cancel.command;
    const cancelled = action === "cancel" && "command" in target && typeof target.command === "string" ? target.command : undefined;
    return this.#act(campaignId, [...STOPPABLE, "draft", "cancelled"], (campaign, nowMs) => {
      const { canary, mass } = campaign.commandIds;
      if (cancelled !== canary && cancelled !== mass) {
        throw new CampaignError("ERR_CAMPAIGN_STATEMENT", `the command does not cancel ${mass} or ${canary}`);
      }
      const detail = { reason: reasonOf(stop) };
      if (campaign.state !== "stopped" && campaign.state !== "cancelled") {
        this.#order({ campaignId, kind: "stop", statement, atMs: nowMs }, stop.persons, "campaign.stopped", detail);
      }
      this.#sendCancel(campaign, cancel, frame, nowMs);
      this.#note(nowMs, cancel.persons.join(" and "), "campaign.cancelled", campaignId, { ...detail, command: cancelled });
      return held(campaign, "cancelled", reasonOf(stop), nowMs);
    });
  }

  /** Takes a draft back, whoever has signed it so far: nothing of it was ever sent. */
  withdraw(campaignId: string, actor: string): Campaign {
    return this.#act(campaignId, ["draft"], (campaign, nowMs) => {
      this.#note(nowMs, actor, "campaign.withdrawn", campaignId);
      return held(campaign, "cancelled", `withdrawn by ${actor}`, nowMs);
    });
  }

  /**
   * Asks devices of the campaign what became of them, at a polite pace, together with whatever else belongs to the same transaction.
   * Throws ERR_CAMPAIGN_TARGETS for others.
   */
  sendQuery(campaignId: string, targets: RoaringBitmap32, ratePerSecond: number, together: () => void = () => {}): OrderRow {
    const { store, clock, onOrder } = this.#ports;
    const row = store.atomically(() => {
      const campaign = this.#open(campaignId, ASKABLE);
      const { permit, commandIds, signed } = campaign;
      const nowMs = clock.nowMs();
      if (nowMs >= permit.not_after) throw new CampaignError("ERR_CAMPAIGN_STATE", "the permit has ended: nothing more is sent under it");
      if (targets.isEmpty || !targets.isSubset(membersOf(store, campaign))) {
        throw new CampaignError("ERR_CAMPAIGN_TARGETS", `the ${targets.size} devices to ask are none, or not all of the campaign`);
      }
      const order = {
        campaignId,
        kind: "send",
        message: "query",
        commandId: commandIds.query,
        statement: signed.query,
        targets: targets.serialize("portable"),
        ratePerSecond: Math.min(ratePerSecond, permit.rate_max_per_second),
        notAfterMs: permit.not_after,
        atMs: nowMs,
      } as const;
      together();
      return this.#order(order, ["after-action"], "order.sent", { message: "query", targets: targets.size });
    });
    onOrder();
    return row;
  }

  /** Sends the newest deny list to all gateways. Throws ERR_CAMPAIGN_STATEMENT unless its version is higher than the last. */
  async deny(statement: string): Promise<DenyList> {
    const { store, clock, directors } = this.#ports;
    const { persons, ...list } = await verifyDenyList(new TextEncoder().encode(statement), { director: directors.current });
    const last = await this.denyList();
    if (last !== undefined && list.version <= last.version) {
      throw new CampaignError("ERR_CAMPAIGN_STATEMENT", `deny list ${list.version} is not newer than ${last.version}`);
    }
    store.atomically(() => {
      const detail = { version: list.version, devices: list.devices.length };
      const atMs = clock.nowMs();
      this.#order({ campaignId: "", kind: "deny", statement, atMs }, persons, "deny-list.replaced", detail);
      for (const device of list.released ?? []) this.#note(atMs, persons.join(" and "), "device.released", "", { device });
    });
    this.#ports.onOrder();
    return list;
  }

  /** The deny list in force, if there ever was one. */
  async denyList(): Promise<DenyList | undefined> {
    const last = this.#ports.store.ordersAfter(0).findLast((order) => order.kind === "deny");
    if (last === undefined) return undefined;
    try {
      // By the director of that time: a device stays denied when the person who denied it has left.
      return await verifyDenyList(new TextEncoder().encode(last.statement), { director: this.#ports.directors.at(last.seq) });
    } catch (error) {
      // Whoever was pinned to another director does not know the old one's list any more; gateways refuse it too.
      if (error instanceof TrustError) return undefined;
      throw error;
    }
  }

  #sendCancel({ id: campaignId, waves, wave, permit }: Campaign, cancel: VerifiedCommand, frame: string, nowMs: number): void {
    const { store } = this.#ports;
    // All that were ordered, not only those reported as sent to: a gateway's newest report may still be on its way.
    const targets = RoaringBitmap32.orMany(waves.slice(0, wave + 1).map(({ index }) => store.wave(campaignId, index)));
    if (targets.isEmpty) return;
    const order = {
      campaignId,
      kind: "send",
      message: "cancel",
      commandId: cancel.commandId,
      statement: frame,
      targets: targets.serialize("portable"),
      ratePerSecond: permit.rate_max_per_second,
      notAfterMs: Math.min(cancel.notAfterMs, permit.not_after),
      atMs: nowMs,
    } as const;
    this.#order(order, cancel.persons, "order.sent", { message: "cancel", targets: targets.size });
  }

  #advance(campaign: Campaign, all: readonly Campaign[]): void {
    const { store, observer, clock, onOrder, zonesOf = (devices) => [{ value: "", devices }] } = this.#ports;
    if (!PLANNED_STATES.includes(campaign.state)) return;
    const nowMs = clock.nowMs();
    const steps = plan(campaign, observer.planFacts(campaign, all), nowMs);
    if (steps.length === 0) return;
    const isOrdered = store.atomically(() => {
      // Planned on what was read before the transaction: if somebody was faster, the next turn plans anew.
      const { state, wave } = this.#get(campaign.id);
      return state === campaign.state && wave === campaign.wave && applySteps(store, campaign, steps, nowMs, zonesOf);
    });
    if (isOrdered) onOrder();
  }

  /** One transaction on the campaign as it is now. */
  #act(campaignId: string, allowed: readonly CampaignState[], work: (campaign: Campaign, nowMs: number) => Campaign): Campaign {
    const { store, clock, onOrder } = this.#ports;
    const changed = store.atomically(() => {
      const next = work(this.#open(campaignId, allowed), clock.nowMs());
      store.put(next);
      return next;
    });
    onOrder();
    return changed;
  }

  #open(campaignId: string, allowed: readonly CampaignState[]): Campaign {
    const campaign = this.#get(campaignId);
    if (allowed.includes(campaign.state)) return campaign;
    throw new CampaignError("ERR_CAMPAIGN_STATE", `${campaignId} is ${campaign.state}; this is possible when ${allowed.join(", ")}`);
  }

  /** An order and its ledger line. */
  #order(order: Omit<OrderRow, "seq">, people: readonly string[], act: string, detail: NonNullable<LedgerAct["detail"]>): OrderRow {
    const row = this.#ports.store.addOrder(order);
    this.#note(order.atMs, people.join(" and "), act, order.campaignId, { seq: row.seq, ...detail });
    return row;
  }

  #note(atMs: number, actor: string, act: string, campaignId: string, detail?: NonNullable<LedgerAct["detail"]>): void {
    this.#ports.store.appendLedger({ atMs, actor, act, ...(campaignId !== "" && { campaignId }), ...(detail && { detail }) });
  }

  async #verifyHold(campaignId: string, statement: string, kind: "stop" | "resume"): Promise<Hold> {
    const hold = await verifyHold(new TextEncoder().encode(statement), { director: this.#ports.directors.current, kind });
    if (hold.campaign_id !== campaignId) {
      throw new CampaignError("ERR_CAMPAIGN_STATEMENT", `the ${kind} is about ${hold.campaign_id}, not ${campaignId}`);
    }
    return hold;
  }

  #get(campaignId: string): Campaign {
    const campaign = this.#ports.store.get(campaignId);
    if (campaign === undefined) throw new CampaignError("ERR_CAMPAIGN_NOT_FOUND", `there is no campaign ${campaignId}`);
    return campaign;
  }
}
