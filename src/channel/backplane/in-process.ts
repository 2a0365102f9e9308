/** The backplane within one process: function calls, and the same promises as a network would give. */
import { HEARTBEAT_MS } from "../limits.ts";
import type { Admission, Backplane, GatewayEars, GatewayReport, ManagerSide, Order } from "./port.ts";

export class InProcessBackplane implements Backplane {
  readonly #manager: ManagerSide;
  readonly #listeners = new Set<GatewayEars>();
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(manager: ManagerSide) {
    this.#manager = manager;
  }

  /** Begins to give signs of life. */
  start(): void {
    this.#heartbeat ??= setInterval(() => this.nudge(), HEARTBEAT_MS);
    this.nudge();
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  nudge(): void {
    for (const { onNudge } of this.#listeners) onNudge();
  }

  async admit(deviceId: string): Promise<Admission> {
    return this.#manager.admit(deviceId);
  }

  async ordersAfter(seq: number): Promise<readonly Order[]> {
    return this.#manager.ordersAfter(seq);
  }

  async report(batch: readonly GatewayReport[]): Promise<void> {
    this.#manager.commit(batch);
  }

  /** There is one gateway and its way cannot be lost, so nudges are all that it hears. */
  subscribe(ears: GatewayEars): () => void {
    this.#listeners.add(ears);
    return () => this.#listeners.delete(ears);
  }
}
