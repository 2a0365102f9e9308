/** The backplane of one gateway: function calls to the manager while both are up and the way between them stands; errors otherwise. */
import type { Admission, Backplane, GatewayReport, ManagerSide, Order } from "../../src/channel/backplane/port.ts";
import type { BugName } from "./bugs.ts";

export interface Acknowledgement {
  /** The manager has said that it has committed these. */
  acknowledged(batch: readonly GatewayReport[]): void;
}

export class SimBackplane implements Backplane {
  readonly #manager: () => ManagerSide | undefined;
  readonly #onAcknowledged: Acknowledgement;
  readonly #bug: BugName | undefined;
  /** A partition lies between. */
  isCut = false;

  constructor(manager: () => ManagerSide | undefined, onAcknowledged: Acknowledgement, bug?: BugName) {
    this.#manager = manager;
    this.#bug = bug;
    this.#onAcknowledged = onAcknowledged;
  }

  get isReachable(): boolean {
    return !this.isCut && this.#manager() !== undefined;
  }

  async admit(deviceId: string): Promise<Admission> {
    return this.#reached().admit(deviceId);
  }

  async ordersAfter(seq: number): Promise<readonly Order[]> {
    const orders = this.#reached().ordersAfter(seq);
    return this.#bug === "deaf-gateway" ? orders.filter(({ kind }) => kind !== "stop") : orders;
  }

  async report(batch: readonly GatewayReport[]): Promise<void> {
    try {
      this.#reached().commit(batch);
    } catch (error) {
      if (this.#bug !== "early-ack") throw error;
    }
    this.#onAcknowledged.acknowledged(batch);
  }

  /** The world nudges gateways by itself. */
  subscribe(): () => void {
    return () => {};
  }

  #reached(): ManagerSide {
    const manager = this.#manager();
    if (manager === undefined || this.isCut) throw new Error("the manager cannot be reached");
    return manager;
  }
}
