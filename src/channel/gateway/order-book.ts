/** The orders that a gateway lives by: which are live, which campaigns are held, who is denied. Applied strictly in sequence. */
import { RoaringBitmap32 } from "roaring-wasm";
import { EdictError } from "../../openc2/edict-error.ts";
import type { Clock } from "../../trust/clock.ts";
import type { Director } from "../../trust/director.ts";
import { verifyDenyList, verifyHold } from "../../trust/verify/index.ts";
import type { Backplane, Order, SendOrder } from "../backplane/port.ts";
import { encodeFrame, OPCODES } from "../wire/index.ts";
import type { GatewayLog } from "./log.ts";
import { checkOrder } from "./order-check.ts";
import type { Reporter } from "./reporter.ts";

export interface LiveOrder {
  readonly seq: number;
  readonly campaignId: string;
  readonly commandId: string;
  readonly answers: boolean;
  readonly repeats: boolean;
  readonly isStopping: boolean;
  readonly notAfterMs: number;
  readonly ratePerSecond: number;
  /** The one immutable buffer that goes to every channel. */
  readonly frame: Uint8Array;
  readonly targets: RoaringBitmap32;
  readonly sent: RoaringBitmap32;
  /** Ordinals to look at next; grows when devices return. */
  pending: number[];
  /** Those to send to again although they were marked sent. */
  readonly again: Set<number>;
}

interface OrderBookPorts {
  readonly backplane: Backplane;
  readonly director: Director;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly log: GatewayLog;
  /** Something to send. */
  readonly onLive: () => void;
  readonly onDenied: () => void;
}

export class OrderBook {
  readonly #ports: OrderBookPorts;
  readonly #live = new Map<number, LiveOrder>();
  readonly #held = new Set<string>();
  readonly #reached = new Map<string, RoaringBitmap32>();
  #denied: ReadonlySet<string> = new Set();
  #denyVersion = 0;
  #lastSeq = 0;
  #catchingUp: Promise<void> | undefined;
  #isBehind = false;

  constructor(ports: OrderBookPorts) {
    this.#ports = ports;
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

  isHeld(order: LiveOrder): boolean {
    return !order.isStopping && this.#held.has(order.campaignId);
  }

  isDenied(deviceId: string): boolean {
    return this.#denied.has(deviceId);
  }

  /** Drops orders whose time is over. */
  expire(nowMs: number): void {
    for (const order of this.#live.values()) if (nowMs >= order.notAfterMs) this.#live.delete(order.seq);
  }

  async #catchUp(): Promise<void> {
    while (this.#isBehind) {
      this.#isBehind = false;
      const orders = await this.#ports.backplane.ordersAfter(this.#lastSeq);
      for (const order of orders) {
        await this.#apply(order);
        this.#lastSeq = order.seq;
      }
    }
  }

  /** An order that is refused is an alarm; those after it still count. */
  async #apply(order: Order): Promise<void> {
    const { director, clock, reporter, log } = this.#ports;
    try {
      if (order.kind === "send") await this.#send(order);
      else if (order.kind === "deny") await this.#deny(order.statement);
      else {
        const { campaign_id: campaignId } = await verifyHold(order.statement, { director, kind: order.kind });
        if (campaignId !== order.campaignId) return;
        if (order.kind === "stop") this.#held.add(campaignId);
        else this.#held.delete(campaignId);
        this.#ports.onLive();
      }
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      log.error({ seq: order.seq, campaign: order.campaignId, code: error.code }, `order refused: ${error.message}`);
      reporter.add({ kind: "order-refused", seq: order.seq, atMs: clock.nowMs(), code: error.code, message: error.message });
    }
  }

  async #send(order: SendOrder): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    if (nowMs >= order.notAfterMs) return;
    const reached = this.#reached.get(order.campaignId) ?? new RoaringBitmap32();
    const { permit, targets, sent, isStopping } = await checkOrder(order, { director: this.#ports.director, nowMs, reached });
    this.#reached.set(order.campaignId, RoaringBitmap32.or(reached, targets));
    const { seq, campaignId, commandId, answers, repeats } = order;
    this.#live.set(seq, {
      seq,
      campaignId,
      commandId,
      answers,
      repeats,
      isStopping,
      notAfterMs: Math.min(order.notAfterMs, permit.not_after),
      ratePerSecond: Math.min(order.ratePerSecond, permit.rate_max_per_second),
      frame: encodeFrame(OPCODES.text, order.frame),
      targets,
      sent,
      pending: RoaringBitmap32.andNot(targets, sent).toArray(),
      again: new Set(),
    });
    this.#ports.onLive();
  }

  async #deny(statement: Uint8Array): Promise<void> {
    const { version, devices } = await verifyDenyList(statement, { director: this.#ports.director });
    if (version <= this.#denyVersion) return;
    this.#denyVersion = version;
    this.#denied = new Set(devices);
    this.#ports.onDenied();
  }
}
