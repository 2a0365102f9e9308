/**
 * How the channel is at this moment, for whoever watches: the figures of all parts of the gateway, wherever they run, those of the depot, and
 * how far the newest orders are by the manager's own record. It decides nothing and names no device.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { CampaignStore, OrderRow } from "../campaign/ports.ts";
import type { Gateway } from "../channel/gateway/index.ts";
import type { GatewayTotal } from "../channel/stats/gateway-stats.ts";
import type { PartBoard, PartStats } from "../channel/stats/part-board.ts";
import type { Clock } from "../trust/clock.ts";
import type { DepotFigures } from "../depot/server.ts";
import type { DepotWatch } from "./depot-watch.ts";
import { WATCHED_ORDERS } from "./limits.ts";
import type { Quarantine } from "./quarantine.ts";

export interface ChannelFigures {
  readonly atMs: number;
  readonly total: GatewayTotal;
  /** Those that are there now. */
  readonly parts: readonly PartStats[];
  /** Orders that the part which is furthest behind has not applied yet. */
  readonly ordersBehind: number;
  /** Identities that are kept out until a person decides. */
  readonly quarantined: number;
  readonly depot: DepotFigures & { readonly loadShare: number };
}

export interface OrderProgress {
  readonly seq: number;
  readonly campaignId: string;
  readonly kind: NonNullable<OrderRow["message"]> | OrderRow["kind"];
  readonly atMs: number;
  /** Devices; 0 for an order that is not sent to any. */
  readonly targets: number;
  readonly sent: number;
}

export interface ChannelView extends ChannelFigures {
  /** The newest first. */
  readonly orders: readonly OrderProgress[];
}

interface WatchPorts {
  readonly board: PartBoard;
  readonly campaigns: CampaignStore;
  readonly quarantine: Quarantine;
  readonly depot: Pick<DepotWatch, "figures" | "facts">;
  readonly clock: Clock;
}

export class ChannelWatch {
  readonly #ports: WatchPorts;
  #own: Gateway | undefined;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** The gateway in this process, which is asked when somebody asks. */
  add(gateway: Gateway): void {
    this.#own = gateway;
  }

  figures(): ChannelFigures {
    const { board, campaigns, quarantine, depot, clock } = this.#ports;
    if (this.#own !== undefined) board.note(this.#own.name, this.#own.stats());
    const { parts, total } = board;
    const newest = campaigns.newestOrders(1)[0]?.seq ?? 0;
    const ordersBehind = Math.max(0, ...parts.map(({ stats }) => newest - stats.ordersSeq));
    return {
      atMs: clock.nowMs(),
      total,
      parts,
      ordersBehind,
      quarantined: quarantine.devices.length,
      depot: { ...depot.figures(), loadShare: depot.facts()?.loadShare ?? 0 },
    };
  }

  view(): ChannelView {
    const orders = this.#ports.campaigns.newestOrders(WATCHED_ORDERS).map((row) => this.#progress(row));
    return { ...this.figures(), orders };
  }

  #progress({ seq, campaignId, kind, message, atMs, targets }: OrderRow): OrderProgress {
    const progress = { seq, campaignId, kind: message ?? kind, atMs };
    return {
      ...progress,
      targets: targets === undefined ? 0 : sizeOf(RoaringBitmap32.deserialize("portable", targets)),
      sent: sizeOf(this.#ports.campaigns.sent(seq)),
    };
  }
}

/** Looked at every second by whoever watches: its memory is given back at once. */
function sizeOf(ordinals: RoaringBitmap32): number {
  const { size } = ordinals;
  ordinals.dispose();
  return size;
}
