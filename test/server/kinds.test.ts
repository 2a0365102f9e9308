/** A patch that kills one hardware revision of two: found from the fleet's own facts, on a real store. */
import { expect, test } from "bun:test";
import { plan } from "../../src/campaign/plan.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { LiveView } from "../../src/server/live-view.ts";
import { draftOf } from "../campaign/people.ts";
import { T0 } from "../campaign/world.ts";
import { deviceOf, SAID } from "../fleet/world.ts";

const DEVICES = 2_000;
const isOld = (ordinal: number) => ordinal % 50 === 0;

test("the kinds are the hardware revisions of the cohort, and the halt names the one that dies", async () => {
  const database = openDatabase(":memory:");
  const fleet = new SqliteFleetStore(database);
  const facts = Array.from({ length: DEVICES }, (_, ordinal) => {
    const id = `urn:dev:ops:32473-famousModel-${ordinal}`;
    return deviceOf({ id, tenant: "isp", hardware: isOld(ordinal) ? "r1" : "r2" });
  });
  fleet.upsert(facts, SAID);
  const store = new SqliteCampaignStore(database);
  const halt = { failed_share_max: 1, missing_share_max: 1 };
  const draft = await draftOf(DEVICES, { halt });
  keepDraft(store, draft);
  let nowMs = T0;
  const live = new LiveView(fleet, store, { nowMs: () => nowMs });
  const everybody = Array.from({ length: DEVICES }, (_, ordinal) => ordinal);
  live.note(
    everybody.map((ordinal): Evidence => ({ kind: "connected", ordinal, atMs: T0 })),
    [],
  );
  // Half of the fleet was commanded; the old revision does not come back.
  const commanded = everybody.filter((ordinal) => ordinal % 100 < 50);
  const software = { vendor: "famousMaker", name: "famousModel", version: "2.3.4" };
  live.note(
    commanded.flatMap((ordinal): readonly Evidence[] => [
      { kind: "sent", ordinal, atMs: T0 + 1, commandId: draft.campaign.commandIds.mass },
      { kind: "disconnected", ordinal, atMs: T0 + 2, reason: "device-gone" },
      ...(isOld(ordinal)
        ? []
        : ([
            { kind: "connected", ordinal, atMs: T0 + 9 },
            { kind: "check-in", ordinal, atMs: T0 + 9, boot: 2, software },
          ] as const)),
    ]),
    [],
  );
  nowMs = T0 + 1_200_000;
  const last = draft.campaign.waves.length - 1;
  const campaign = { ...draft.campaign, state: "sending", wave: last, waveAtMs: nowMs } as const;
  const seen = live.planFacts(campaign, []);
  expect(seen.kinds).toEqual([
    { name: "hardware r2", commanded: { watched: 980, lost: 0, looping: 0 }, control: { watched: 980, lost: 0, looping: 0 } },
    { name: "hardware r1", commanded: { watched: 20, lost: 20, looping: 0 }, control: { watched: 20, lost: 0, looping: 0 } },
  ]);
  const [step] = plan(campaign, seen, nowMs);
  expect(step).toMatchObject({
    kind: "halt",
    reason: expect.stringMatching(/^20 of 20 commanded devices \(hardware r1\) .*of the control group 0 of 20/),
  });
  database.close();
});
