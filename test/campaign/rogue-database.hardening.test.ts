/** Abuse cases 2 and 4: somebody who writes into the manager's database. A row that says "approved" sends nothing; signatures do. */
import { afterEach, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { checkOrder } from "../../src/channel/gateway/order-check.ts";
import type { SendOrder } from "../../src/channel/backplane/port.ts";
import { verifyCommand } from "../../src/trust/verify/index.ts";
import { DriverWorld } from "./driver-world.ts";
import { approver, author, BASE_ID, director, signed, stranger } from "./people.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
let world: DriverWorld;
afterEach(() => world.close());

/** What the driver orders of the row as it is now, as a gateway gets it. */
function firstOrder(): SendOrder {
  world.driver.tick();
  const row = world.store.ordersAfter(0)[0];
  if (row === undefined) throw new Error("nothing was ordered");
  return {
    kind: "send",
    seq: row.seq,
    campaignId: row.campaignId,
    commandId: row.commandId ?? "",
    frame: bytes(row.statement),
    permit: bytes(world.campaign.signed.permit),
    cohort: world.store.cohort(BASE_ID).serialize("portable"),
    targets: row.targets ?? new Uint8Array(),
    sent: new RoaringBitmap32().serialize("portable"),
    ratePerSecond: 1,
    notAfterMs: row.notAfterMs ?? 0,
    answers: false,
    repeats: false,
  } as SendOrder;
}

async function forge(change: (campaign: Campaign) => Promise<Partial<Campaign>>): Promise<SendOrder> {
  world = new DriverWorld();
  await world.draft(20);
  const { campaign } = world;
  world.store.put({ ...campaign, state: "approved", ...(await change(campaign)) });
  return firstOrder();
}

const atGateway = (order: SendOrder) =>
  checkOrder(order, { director, nowMs: world.nowMs, reached: new RoaringBitmap32(), licence: undefined });
const atDevice = (order: SendOrder) => verifyCommand(order.frame, { director, nowMs: world.nowMs });

test.each<[string, (campaign: Campaign) => Promise<Partial<Campaign>>, string]>([
  ["signed by nobody", async () => ({}), "ERR_TRUST_FORMAT"],
  ["signed by the author alone", async (campaign) => ({ signed: await signed(campaign, [author]) }), "ERR_TRUST_THRESHOLD"],
  [
    "signed by the author and a stranger",
    async (campaign) => ({ signed: await signed(campaign, [author, stranger]), signedBy: [author.person, approver.person] }),
    "ERR_TRUST_UNKNOWN_KEY",
  ],
])('attack: a row that says "approved", %s: the gateway refuses the order, and a device the command', async (_, change, code) => {
  const order = await forge(change);
  await expect(atGateway(order)).rejects.toMatchObject({ code });
  await expect(atDevice(order)).rejects.toMatchObject({ code });
});

test("attack: a wider cohort under good signatures: the gateway refuses it", async () => {
  const order = await forge(async (campaign) => ({ signed: await signed(campaign, [author, approver]) }));
  expect((await atGateway(order)).targets.size).toBe(10);
  const wider = RoaringBitmap32.deserialize("portable", order.cohort);
  wider.add(4_711);
  await expect(atGateway({ ...order, cohort: wider.serialize("portable") })).rejects.toMatchObject({ code: "ERR_CHANNEL_WIDENED" });
  const targets = RoaringBitmap32.from([4_711]).serialize("portable");
  await expect(atGateway({ ...order, targets })).rejects.toMatchObject({ code: "ERR_CHANNEL_WIDENED" });
});

test("attack: other software in the message, under signatures for the first: gateway and device refuse it", async () => {
  const order = await forge(async (campaign) => ({ signed: await signed(campaign, [author, approver]) }));
  const { payload, signatures } = JSON.parse(new TextDecoder().decode(order.frame)) as { payload: string; signatures: unknown };
  const text = Buffer.from(payload, "base64url").toString().replace("2.3.4", "6.6.6");
  const frame = bytes(JSON.stringify({ payload: Buffer.from(text).toString("base64url"), signatures }));
  // Not named in the permit, so it could only be one that stops things, and it is none.
  await expect(atGateway({ ...order, frame })).rejects.toMatchObject({ code: "ERR_CHANNEL_COMMAND" });
  await expect(atDevice({ ...order, frame })).rejects.toMatchObject({ code: "ERR_TRUST_SIGNATURE" });
});
