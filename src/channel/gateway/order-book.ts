/**
 * The orders that a gateway lives by: which are live, which campaigns are held, who is denied. Applied strictly in the
 * manager's sequence, one at a time; holds and denials count from that instant, but nothing new is sent before all that is
 * known was applied, so that a gateway which starts anew does not send what was stopped long ago.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import { type Director, directorNameOf } from "../../trust/director.ts";
import { DirectorHistory, verifyDenyList, type VerifiedPermit, verifyHold, verifyPermit } from "../../trust/verify/index.ts";
import type { Backplane, DenyOrder, HoldOrder, Order, PauseOrder, Release, SendOrder, TrustOrder } from "../backplane/port.ts";
import { ChannelError } from "../errors.ts";
import type { GatewayLog } from "./log.ts";
import { isOpenAt, Opening } from "./opening.ts";
import { checkOrder, readBitmap } from "./order-check.ts";
import type { Reporter } from "./reporter.ts";
import { type Wrapped, wrapCommand } from "./wrapping.ts";

/** The command is in it as it goes to every channel: one immutable buffer for each wrapping. */
export interface LiveOrder extends Wrapped {
  readonly seq: number;
  readonly campaignId: string;
  readonly commandId: string;
  readonly answers: boolean;
  readonly repeats: boolean;
  readonly makes?: Release;
  readonly window?: SendOrder["window"];
  /** It stops things: a hold does not hold it back. */
  readonly isStopping: boolean;
  readonly notAfterMs: number;
  readonly ratePerSecond: number;
  /** JWS general JSON, as the manager gave it. */
  readonly signed: Uint8Array;
  readonly targets: RoaringBitmap32;
  readonly sent: RoaringBitmap32;
  /** Ordinals to send to once more although they were sent to. */
  readonly again: Set<number>;
}

interface OrderBookPorts {
  readonly backplane: Backplane;
  /** Whom this gateway was pinned to; it follows the versions from there. */
  readonly director: Director;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly log: GatewayLog;
  /** These orders may be sent from now on. */
  readonly onLive: (orders: Iterable<LiveOrder>) => void;
  /** The deny list has changed; these devices are released from quarantine by it. */
  readonly onDenied: (released: readonly string[]) => void;
  /** The next version of a document that devices follow; left out by a carrier that does not bring them any. */
  readonly onTrust?: (document: Uint8Array) => void;
}

export class OrderBook {
  readonly #ports: OrderBookPorts;
  readonly #live = new Map<number, LiveOrder>();
  /** Stopped by people, campaign by campaign; and paused by the manager. */
  readonly #held = new Set<string>();
  readonly #paused = new Set<string>();
  /** campaign -> when its newest stop was signed. */
  readonly #stoppedMs = new Map<string, number>();
  /** campaign -> everybody whom its orders were for: what the permit's count is held against. */
  readonly #reached = new Map<string, RoaringBitmap32>();
  /** campaign -> its permit as it was verified. */
  readonly #licences = new Map<string, VerifiedPermit>();
  /** seq -> the permit that it is sent under. */
  readonly #permits = new Map<number, Uint8Array>();
  /** Orders whose permit no longer has the signatures that the director asks for. */
  readonly #revoked = new Set<number>();
  readonly #opening = new Opening<LiveOrder>();
  readonly #directors: DirectorHistory;
  #denied: ReadonlySet<string> = new Set();
  #denyVersion = 0;
  #lastSeq = 0;
  #catchingUp: Promise<void> | undefined;
  #isBehind = false;
  #hasCaughtUp = false;
  readonly counts = { stops: 0, stopMs: 0 };

  constructor(ports: OrderBookPorts) {
    this.#ports = ports;
    this.#directors = new DirectorHistory(ports.director);
  }

  /** Asks for what is new and applies it. Calls while it is at it are remembered and answered by one more round. */
  catchUp(): Promise<void> {
    this.#isBehind = true;
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  live(): Iterable<LiveOrder> {
    return this.#live.values();
  }

  /** Those of them that nothing holds. */
  *sendable(): Iterable<LiveOrder> {
    for (const order of this.#live.values()) if (!this.isHeld(order)) yield order;
  }

  /** The newest order that was applied. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get denied(): number {
    return this.#denied.size;
  }

  isHeld(order: LiveOrder): boolean {
    const { seq, campaignId, isStopping, repeats } = order;
    if (isStopping) return false;
    // A question changes nothing on a device, and just now people want to know.
    const isPaused = this.#paused.has(campaignId) && repeats;
    const isShut = !isOpenAt(order, this.#ports.clock.nowMs());
    return isPaused || isShut || this.#held.has(campaignId) || this.#revoked.has(seq);
  }

  isDenied(deviceId: string): boolean {
    return this.#denied.has(deviceId);
  }

  /** Drops and returns the orders whose time is over. */
  expire(nowMs: number): readonly LiveOrder[] {
    const expired = [...this.#live.values()].filter(({ notAfterMs }) => nowMs >= notAfterMs);
    for (const { seq } of expired) {
      this.#live.delete(seq);
      this.#permits.delete(seq);
    }
    return expired;
  }

  async #catchUp(): Promise<void> {
    while (this.#isBehind) {
      this.#isBehind = false;
      const begun = new Set<LiveOrder>();
      for (const order of await this.#ports.backplane.ordersAfter(this.#lastSeq)) {
        for (const live of await this.#apply(order)) begun.add(live);
        this.#lastSeq = order.seq;
      }
      for (const live of this.#opening.opened(this.#live.values(), this.#ports.clock.nowMs())) begun.add(live);
      if (begun.size > 0) this.#ports.onLive(begun);
    }
    this.#hasCaughtUp = true;
  }

  /** The orders that it sets going. An order that is refused is an alarm; those after it still count. */
  async #apply(order: Order): Promise<readonly LiveOrder[]> {
    try {
      if (order.kind === "send") return await this.#send(order);
      if (order.kind === "deny") return await this.#deny(order);
      if (order.kind === "trust") return await this.#trust(order);
      if (order.kind === "pause") return this.#pause(order);
      return await this.#hold(order);
    } catch (cause) {
      this.#alarm(order, cause);
      return [];
    }
  }

  #alarm({ seq, campaignId }: { readonly seq: number; readonly campaignId: string }, cause: unknown): void {
    const { clock, reporter, log } = this.#ports;
    const { code, message } =
      cause instanceof EdictError ? cause : new ChannelError("ERR_CHANNEL_ORDER", `the order cannot be read: ${String(cause)}`);
    log.error({ seq, campaign: campaignId, code, err: cause }, `order refused: ${message}`);
    reporter.add({ kind: "order-refused", seq, atMs: clock.nowMs(), code, message });
  }

  async #send(order: SendOrder): Promise<readonly LiveOrder[]> {
    const nowMs = this.#ports.clock.nowMs();
    const reached = this.#reached.get(order.campaignId) ?? new RoaringBitmap32();
    this.#reached.set(order.campaignId, reached);
    if (nowMs >= order.notAfterMs) {
      // Too late to be sent, but those it did reach count against the permit.
      reached.orInPlace(readBitmap(order.sent));
      return [];
    }
    const director = this.#directors.current;
    const { permit, targets, sent, isStopping } = await checkOrder(order, {
      director,
      nowMs,
      reached,
      licence: this.#licences.get(order.campaignId),
    });
    reached.orInPlace(targets);
    reached.orInPlace(sent);
    const { seq, campaignId, commandId, answers, repeats, makes, window } = order;
    const live: LiveOrder = {
      seq,
      campaignId,
      commandId,
      answers,
      repeats,
      ...(makes && { makes }),
      ...(window && { window }),
      isStopping,
      notAfterMs: isStopping ? order.notAfterMs : Math.min(order.notAfterMs, permit.not_after, director.expiresMs),
      ratePerSecond: Math.min(order.ratePerSecond, permit.rate_max_per_second),
      signed: order.frame,
      ...wrapCommand(order.frame, seq),
      targets,
      sent,
      again: new Set(),
    };
    this.#live.set(seq, live);
    this.#permits.set(seq, order.permit);
    this.#licences.set(campaignId, permit);
    return [live];
  }

  #pause({ campaignId }: PauseOrder): readonly LiveOrder[] {
    this.#paused.add(campaignId);
    return [];
  }

  async #hold({ kind, campaignId, statement }: HoldOrder): Promise<readonly LiveOrder[]> {
    const { campaign_id: signedFor, at_ms: atMs } = await verifyHold(statement, { director: this.#directors.current, kind });
    if (signedFor !== campaignId) throw new ChannelError("ERR_CHANNEL_ORDER", `the ${kind} is for the campaign ${signedFor}`);
    const stoppedMs = this.#stoppedMs.get(campaignId) ?? 0;
    // Two people meant the stop that they knew of: their word is not to be played again after a later one.
    if (kind === "resume" && atMs < stoppedMs) throw new ChannelError("ERR_CHANNEL_ORDER", "the resume is older than the stop");
    if (kind === "resume") {
      this.#held.delete(campaignId);
      this.#paused.delete(campaignId);
    } else {
      this.#held.add(campaignId);
      this.#stoppedMs.set(campaignId, Math.max(stoppedMs, atMs));
      this.#countStop(atMs);
    }
    return kind === "stop" ? [] : [...this.#live.values()].filter((order) => order.campaignId === campaignId);
  }

  /** Not those that are read of at the start: they were in force long ago. */
  #countStop(signedMs: number): void {
    if (!this.#hasCaughtUp) return;
    this.counts.stops += 1;
    this.counts.stopMs = Math.max(0, this.#ports.clock.nowMs() - signedMs);
  }

  async #deny({ statement }: DenyOrder): Promise<readonly LiveOrder[]> {
    const { version, devices, released = [] } = await verifyDenyList(statement, { director: this.#directors.current });
    if (version > this.#denyVersion) {
      this.#denyVersion = version;
      this.#denied = new Set(devices);
      this.#ports.onDenied(released);
    }
    return [];
  }

  /** Devices judge it by themselves; a gateway follows its own director, and holds what is under way against the new version. */
  async #trust({ seq, statement }: TrustOrder): Promise<readonly LiveOrder[]> {
    if (directorNameOf(statement) === this.#ports.director.name) {
      await this.#directors.follow(statement, seq);
      await this.#recheck();
    }
    this.#ports.onTrust?.(statement);
    return [];
  }

  /** A permit whose signer has lost the say ends at once; what stops things goes on. */
  async #recheck(): Promise<void> {
    const terms = { director: this.#directors.current, nowMs: this.#ports.clock.nowMs() };
    for (const order of this.#live.values()) {
      const permit = this.#permits.get(order.seq);
      if (order.isStopping || permit === undefined || this.#revoked.has(order.seq)) continue;
      try {
        await verifyPermit(permit, terms);
      } catch (cause) {
        this.#revoked.add(order.seq);
        this.#alarm(order, cause);
      }
    }
  }
}
