/**
 * What every backplane promises, whatever carries it. The manager's database is the truth: a gateway is nudged and asks "what is
 * after N?", and what it reports it keeps until it was committed. One suite for all; a new backplane has to pass it as it stands.
 */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Backplane, GatewayReport, ManagerSide, Order, SendOrder } from "../../../src/channel/backplane/port.ts";

export interface BackplaneUnderTest {
  /** The gateway's end. */
  readonly backplane: Backplane;
  /** The manager has something new. */
  nudge(): void;
  close(): void | Promise<void>;
}

const bytes = (...values: number[]) => Uint8Array.from(values);

export const REPORTS: readonly GatewayReport[] = [
  { kind: "connected", ordinal: 7, atMs: 1 },
  { kind: "disconnected", ordinal: 7, atMs: 2, reason: "device-gone" },
  { kind: "refused", atMs: 3, reason: "ERR_CHANNEL_NO_CERTIFICATE" },
  {
    kind: "check-in",
    ordinal: 7,
    atMs: 4,
    checkIn: { software: { vendor: "v", name: "n", version: "1" }, boot: 1, slot: "a", seen: ["é"] },
  },
  { kind: "response", ordinal: 7, atMs: 5, requestId: "r", response: { status: 200 } },
  { kind: "order-refused", seq: 1, atMs: 8, code: "ERR_CHANNEL_ORDER", message: "no" },
  { kind: "unasked-bytes", seq: 1, ordinal: 7, bytes: 3, atMs: 9 },
];

/** Orders of which no three fit into one answer of a backplane that travels. */
const LARGE_BYTES = 7 * 1024 * 1024;

class RecordingManager implements ManagerSide {
  readonly orders: Order[] = [];
  readonly committed: GatewayReport[] = [];
  isDown = false;

  admit(deviceId: string) {
    if (this.isDown) throw new Error("the manager is down");
    return deviceId === "urn:dev:known"
      ? ({ ok: true, ordinal: 7, tenant: "isp" } as const)
      : ({ ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" } as const);
  }

  ordersAfter(seq: number): readonly Order[] {
    return this.orders.filter((order) => order.seq > seq);
  }

  commit(batch: readonly GatewayReport[]): void {
    if (this.isDown) throw new Error("the manager is down");
    this.committed.push(...batch);
  }
}

function sendOrder(seq: number, cohort: Uint8Array): SendOrder {
  const rest = { answers: false, repeats: true, notAfterMs: 1_764_000_000_000, ratePerSecond: 0.5 };
  const sets = { cohort, targets: bytes(255, 0), sent: new Uint8Array(0) };
  return { seq, kind: "send", campaignId: "c", commandId: "k", frame: bytes(0, 1, 2), permit: bytes(3), ...sets, ...rest };
}

export function backplaneContract(name: string, open: (manager: ManagerSide) => Promise<BackplaneUnderTest>): void {
  let manager: RecordingManager;
  let under: BackplaneUnderTest;

  beforeEach(async () => {
    manager = new RecordingManager();
    under = await open(manager);
  });

  afterEach(() => under.close());

  test(`${name}: the manager says who a device is, or why it is nobody`, async () => {
    expect(await under.backplane.admit("urn:dev:known")).toEqual({ ok: true, ordinal: 7, tenant: "isp" });
    expect(await under.backplane.admit("urn:dev:stranger")).toEqual({ ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" });
  });

  test(`${name}: orders arrive as they were given, those after N, in sequence`, async () => {
    manager.orders.push(
      sendOrder(1, bytes(9)),
      { seq: 2, kind: "stop", campaignId: "c", statement: bytes(4) },
      { seq: 3, kind: "deny", campaignId: "", statement: bytes(5) },
    );
    expect(await under.backplane.ordersAfter(0)).toEqual(manager.orders);
    expect(await under.backplane.ordersAfter(2)).toEqual(manager.orders.slice(2));
    expect(await under.backplane.ordersAfter(3)).toEqual([]);
  });

  test(`${name}: orders that do not fit into one answer all arrive`, async () => {
    manager.orders.push(...[1, 2, 3, 4, 5].map((seq) => sendOrder(seq, new Uint8Array(LARGE_BYTES).fill(seq))));
    const orders = await under.backplane.ordersAfter(0);
    expect(orders.map((order) => order.kind === "send" && [order.seq, order.cohort.length, order.cohort.at(-1)])).toEqual(
      [1, 2, 3, 4, 5].map((seq) => [seq, LARGE_BYTES, seq]),
    );
  });

  test(`${name}: a report that resolves was committed, every kind of it as it was told`, async () => {
    await under.backplane.report(REPORTS);
    expect(manager.committed).toEqual([...REPORTS]);
  });

  test(`${name}: a report that the manager cannot commit rejects, and may be told again`, async () => {
    manager.isDown = true;
    await expect(under.backplane.report(REPORTS)).rejects.toThrow("the manager is down");
    await expect(under.backplane.admit("urn:dev:known")).rejects.toThrow("the manager is down");
    expect(manager.committed).toEqual([]);
    manager.isDown = false;
    await under.backplane.report(REPORTS);
    expect(manager.committed).toEqual([...REPORTS]);
  });

  test(`${name}: a nudge is heard by who listens, and by nobody who has stopped`, async () => {
    const heard: string[] = [];
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const ears = (who: string, then: () => void) => ({
      onNudge: () => (heard.push(who), then()),
      onElsewhere: () => {},
      onFound: () => {},
    });
    const stop = under.backplane.subscribe(ears("a", first.resolve));
    under.nudge();
    await first.promise;
    stop();
    heard.length = 0;
    under.backplane.subscribe(ears("b", second.resolve));
    under.nudge();
    await second.promise;
    expect(new Set(heard)).toEqual(new Set(["b"]));
  });

  test(`${name}: questions that are open at once each get their own answer`, async () => {
    manager.orders.push(sendOrder(1, bytes(1)));
    const [known, orders, stranger] = await Promise.all([
      under.backplane.admit("urn:dev:known"),
      under.backplane.ordersAfter(0),
      under.backplane.admit("urn:dev:stranger"),
      under.backplane.report(REPORTS),
    ]);
    expect([known.ok, orders.length, stranger.ok, manager.committed.length]).toEqual([true, 1, false, REPORTS.length]);
  });
}
