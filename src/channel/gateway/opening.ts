/** Orders that may be sent at certain hours only: which are open, and which have opened since somebody asked last. */
import type { SendOrder } from "../backplane/port.ts";

interface Timed {
  readonly window?: SendOrder["window"];
}

const DAY_MS = 86_400_000;

export function isOpenAt({ window }: Timed, nowMs: number): boolean {
  if (window === undefined) return true;
  const sinceMs = (nowMs - window.opensMs) % DAY_MS;
  return (sinceMs + DAY_MS) % DAY_MS < window.lengthMs;
}

export class Opening<Order extends Timed> {
  #shut: ReadonlySet<Order> = new Set();

  /** Asked with all orders, at every sign of life from the manager. */
  opened(orders: Iterable<Order>, nowMs: number): readonly Order[] {
    const all = [...orders];
    const opened = all.filter((order) => this.#shut.has(order) && isOpenAt(order, nowMs));
    this.#shut = new Set(all.filter((order) => !isOpenAt(order, nowMs)));
    return opened;
  }
}
