/** The manager is not trusted: whatever its database says, only what people signed is sent, to those they signed for. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { RoaringBitmap32 } from "roaring-wasm";
import type { Gateway } from "../../src/channel/gateway/index.ts";
import type { SendOrder } from "../../src/channel/backplane/port.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import { type Permit, permitPayload } from "../../src/trust/permit.ts";
import type { TestDevice } from "./device.ts";
import { TestManager } from "./manager.ts";

const encoder = new TextEncoder();
const bitmap = (ordinals: readonly number[]) => new RoaringBitmap32(ordinals).serialize("portable");

let manager: TestManager;
let gateway: Gateway;
let device: TestDevice;

beforeAll(async () => {
  manager = await TestManager.create();
});

beforeEach(async () => {
  manager.orders.length = 0;
  manager.reports.length = 0;
  manager.logged.length = 0;
  gateway = await manager.start();
  device = await manager.stand(7);
  await manager.checkedIn(1);
});

afterEach(() => manager.stop());
afterAll(() => manager.stop());

/** The order is refused with this code, nothing is sent, an error is logged, and the next good order is sent all the same. */
async function refused(code: string): Promise<void> {
  await manager.until(() => manager.of("order-refused").length > 0);
  expect(manager.of("order-refused")).toMatchObject([{ code }]);
  expect(gateway.stats().sent).toBe(0);
  expect(manager.logged.filter(({ level }) => level === "error").length).toBe(1);
  const good = await manager.send({ targets: [7], command: "a good one" });
  await device.received(1);
  expect(device.messages).toEqual([new TextDecoder().decode(good.frame)]);
}

const bad = (order: Partial<SendOrder>) => manager.send({ targets: [7], order });

describe("nothing is sent, and an alarm goes up, when", () => {
  test("the permit was signed by one person", async () => {
    await bad({ permit: await manager.signed(permitPayload(makePermit()), "permit", [manager.author]) });
    await refused("ERR_TRUST_THRESHOLD");
  });

  test("the permit was signed by a stranger", async () => {
    const stranger = await generateSigner("author@isp");
    await bad({ permit: await manager.signed(permitPayload(makePermit()), "permit", [stranger]) });
    await refused("ERR_TRUST_UNKNOWN_KEY");
  });

  test("the permit's bytes were changed", async () => {
    const jws = JSON.parse(new TextDecoder().decode(await manager.signed(permitPayload(makePermit()), "permit"))) as { payload: string };
    jws.payload = encoder
      .encode(JSON.stringify({ ...makePermit(), count_max: 1_000_000 }))
      .toBase64({ alphabet: "base64url", omitPadding: true });
    await bad({ permit: encoder.encode(JSON.stringify(jws)) });
    await refused("ERR_TRUST_SIGNATURE");
  });

  test("the permit is for another campaign", async () => {
    await manager.send({ targets: [7], permit: { campaign_id: "campaign-2" } });
    await refused("ERR_CHANNEL_ORDER");
  });

  test("the permit is over", async () => {
    await manager.send({ targets: [7], permit: { not_after: Date.now() - 1 }, order: { notAfterMs: Date.now() + 60_000 } });
    await refused("ERR_TRUST_EXPIRED");
  });

  test("the cohort was widened after it was signed", async () => {
    await bad({ cohort: bitmap([7, 8, 9]) });
    await refused("ERR_CHANNEL_WIDENED");
  });

  test("a target is outside the cohort", async () => {
    await bad({ targets: bitmap([7, 8]) });
    await refused("ERR_CHANNEL_WIDENED");
  });

  test("more devices are sent to than the permit allows, over all orders of the campaign", async () => {
    const elsewhere = await manager.send({ cohort: [7, 8, 9], targets: [8], permit: { count_max: 1 } });
    await manager.send({ cohort: [7, 8, 9], targets: [7], order: { permit: elsewhere.permit } });
    await manager.until(() => manager.of("order-refused").length > 0);
    expect(manager.of("order-refused")).toMatchObject([{ seq: 2, code: "ERR_CHANNEL_WIDENED" }]);
    expect(device.messages).toEqual([]);
  });

  test("the permit does not name the command", async () => {
    await bad({ frame: await manager.signed(encoder.encode("another command"), "command") });
    await refused("ERR_CHANNEL_COMMAND");
  });

  test("the frame carries no signed command", async () => {
    await bad({ frame: encoder.encode('{"payload":"%%"}') });
    await refused("ERR_CHANNEL_ORDER");
  });

  test("the set of targets is no bitmap", async () => {
    await bad({ targets: encoder.encode("no bitmap at all") });
    await refused("ERR_CHANNEL_ORDER");
  });
});

test("a newcomer that people signed for gets the very bytes that the cohort gets; attack: the next one, also after a restart, gets nothing", async () => {
  const criteria = { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" };
  const first = await manager.send({ cohort: [1], targets: [7], permit: { newcomers: { count_max: 1, criteria } } });
  await device.received(1);
  expect(device.messages).toEqual([new TextDecoder().decode(first.frame)]);
  const other = await manager.stand(8);
  await manager.send({ cohort: [1], targets: [8], order: { permit: first.permit } });
  await manager.until(() => manager.of("order-refused").length === 1);
  expect(other.messages).toEqual([]);

  // What it was told of itself it has forgotten; the manager says who was sent to, and that counts.
  await manager.stop();
  manager.orders[0] = { ...first, notAfterMs: Date.now(), sent: bitmap([7]) };
  gateway = await manager.start();
  await manager.until(() => manager.of("order-refused").length === 2);
  expect(manager.of("order-refused")).toMatchObject(Array.from({ length: 2 }, () => ({ seq: 2, code: "ERR_CHANNEL_WIDENED" })));
  expect(gateway.stats().sent).toBe(0);
});

function makePermit(): Permit {
  return {
    campaign_id: "campaign-1",
    tenant: "isp",
    commands: [],
    cohort_sha256: "",
    count_max: 1,
    rate_max_per_second: 1,
    not_before: 0,
    not_after: Date.now() + 60_000,
    halt: { failed_share_max: 0, missing_share_max: 0 },
  };
}
