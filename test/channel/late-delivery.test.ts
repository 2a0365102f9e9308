/** Devices that return: of what waited for them they get the newest that they still need, over a real gateway. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import { TestManager } from "./manager.ts";

const OLDER = { vendor: "famousMaker", name: "famousModel", version: "2.3.4", counter: 3 };
const NEWER = { ...OLDER, version: "2.3.5", counter: 4 };
/** Another device with it, so that a cohort is more than the one that is looked at. */
const cohort = [7, 8];

let manager: TestManager;

beforeEach(async () => {
  manager = await TestManager.create();
  await manager.start();
});

afterEach(() => manager.stop());

/** Device 8 is there all the time: when it has a command, the gateway has applied the order. */
async function order(makes: typeof OLDER): Promise<void> {
  const campaignId = `to-${makes.version}`;
  await manager.send({
    targets: cohort,
    command: campaignId,
    commandId: campaignId,
    permit: { campaign_id: campaignId, commands: [await sha256Hex(new TextEncoder().encode(campaignId))] },
    order: { campaignId, makes },
  });
}

function commandsOf(messages: readonly string[]): readonly string[] {
  return messages.map((message) => {
    const { payload } = JSON.parse(message) as { payload: string };
    return new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" }));
  });
}

test("a device that returns on the new version is not sent the command, and not after a pause and a resume either", async () => {
  const other = await manager.stand(8);
  await order(OLDER);
  await other.received(1);
  const updatedByHand = await manager.stand(7, [], "2.3.4");
  await manager.checkedIn(2);
  manager.pause("to-2.3.4");
  await manager.hold("resume", Date.now(), "to-2.3.4");
  await order(NEWER);
  expect(commandsOf(await updatedByHand.received(1))).toEqual(["to-2.3.5"]);
});

test("of two releases that wait for it a returning device gets the newer one only", async () => {
  const other = await manager.stand(8);
  await order(OLDER);
  await order(NEWER);
  await other.received(2);
  const returning = await manager.stand(7);
  expect(commandsOf(await returning.received(1))).toEqual(["to-2.3.5"]);
  await manager.until(() => manager.sentTo().length === 3);
});

test("while the newer release is paused a returning device gets the older one", async () => {
  const other = await manager.stand(8);
  await order(OLDER);
  await order(NEWER);
  await other.received(2);
  manager.pause("to-2.3.5");
  const returning = await manager.stand(7);
  expect(commandsOf(await returning.received(1))).toEqual(["to-2.3.4"]);
});
