/** What a draft is made of: the exact messages, the permit that binds them, and drafts that cannot be. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RoaringBitmap32 } from "roaring-wasm";
import type { DraftInput } from "../../src/campaign/draft.ts";
import { assignWaves } from "../../src/campaign/wave-order.ts";
import type { Command } from "../../src/openc2/model.ts";
import { parseMessage } from "../../src/openc2/index.ts";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import { BASE_ID, draftInput, draftOf } from "./people.ts";
import { T0 } from "./world.ts";

const bytesOf = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
const { campaign, cohort, waves } = await draftOf(300);
const messageOf = (name: "canary" | "mass" | "query") => {
  const message = parseMessage(bytesOf(campaign.messages[name]));
  if (message.kind !== "request") throw new Error(`${name} is no request`);
  return message;
};

describe("the three messages", () => {
  test("the mass command keeps the operator's command_id, asks for nothing and has no request_id", () => {
    const { headers, command } = messageOf("mass");
    expect(headers).toEqual({ created: T0, from: "isp.example" });
    expect(command.command_id).toBe(BASE_ID);
    expect(command.args).toEqual({ response_requested: "none", "x-swup": { not_after: T0 + 3_600_000, spread: 5_000 } });
    expect(campaign.command).toEqual(command);
  });

  test("the canary is the same update, but answers", () => {
    const { headers, command } = messageOf("canary");
    const mass = messageOf("mass").command;
    expect(headers.request_id).toBe(`${BASE_ID}-c`);
    expect<Command>(command).toEqual({ ...mass, command_id: `${BASE_ID}-c`, args: { ...mass.args, response_requested: "complete" } });
  });

  test("the query asks what is installed of this vendor's model", () => {
    const { headers, command } = messageOf("query");
    expect(headers.request_id).toBe(`${BASE_ID}-q`);
    expect(command).toMatchObject({
      action: "query",
      target: { "x-swup:software": { vendor: "famousMaker", name: "famousModel" } },
      command_id: `${BASE_ID}-q`,
    });
    expect(command.args?.response_requested).toBe("complete");
  });
});

describe("the permit", () => {
  test("binds the bytes of exactly these three messages and of the cohort", async () => {
    const { messages, permit } = campaign;
    expect(permit.commands).toEqual(
      await Promise.all([messages.canary, messages.mass, messages.query].map((text) => sha256Hex(bytesOf(text)))),
    );
    expect(permit.cohort_sha256).toBe(await sha256Hex(cohort.serialize("portable")));
    expect(permit).toMatchObject({
      campaign_id: BASE_ID,
      tenant: "isp",
      count_max: 300,
      rate_max_per_second: 1_000,
      not_before: T0,
      not_after: T0 + 3_600_000,
    });
  });

  test("holds the digest of a cohort that has the same bytes after it was kept, whatever devices are in it", async () => {
    const ordinals = fc.uniqueArray(fc.nat(200_000), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(ordinals, fc.nat(10_000), async (scattered, run) => {
        const all = [...new Set([...scattered, ...Array.from({ length: run }, (_, index) => 300_000 + index)])];
        const { ladder } = draftInput(0);
        const devices = all.map((ordinal) => ({ id: `urn:dev:${ordinal}`, ordinal }));
        const draft = await draftOf(0, { waves: assignWaves(devices, BASE_ID, ladder), ladder });
        const bytes = draft.cohort.serialize("portable");
        const kept = RoaringBitmap32.deserialize("portable", bytes);
        expect(await sha256Hex(kept.serialize("portable"))).toBe(draft.campaign.permit.cohort_sha256);
        expect(draft.cohort.size).toBe(all.length);
      }),
      { numRuns: 25 },
    );
  });
});

test("a draft has sent nothing, and its waves are the cohort", () => {
  expect(campaign).toMatchObject({ id: BASE_ID, state: "draft", wave: -1, targeted: 300, author: "author@isp.example" });
  expect(campaign.waves).toEqual([
    { index: 0, count: 10 },
    { index: 1, count: 40 },
    { index: 2, count: 160 },
    { index: 3, count: 90 },
  ]);
  expect(RoaringBitmap32.orMany([...waves]).isEqual(cohort)).toBe(true);
});

const { command } = draftInput(1);
const withCommand = (change: Partial<Command>): Partial<DraftInput> => ({ command: { ...command, ...change } });
describe("a draft is refused", () => {
  test.each<[string, Partial<DraftInput>, string]>([
    ["for another action", withCommand({ action: "delete" }), "ERR_CAMPAIGN_COMMAND"],
    ["for another target", withCommand({ target: { features: [] } }), "ERR_CAMPAIGN_COMMAND"],
    [
      "for a command that asks a million devices to answer",
      withCommand({ args: { response_requested: "complete" } }),
      "ERR_CAMPAIGN_COMMAND",
    ],
    ["for a command that does not say whether to answer", withCommand({ args: {} }), "ERR_CAMPAIGN_COMMAND"],
    ["for a command_id of 35 characters", withCommand({ command_id: "x".repeat(35) }), "ERR_CAMPAIGN_COMMAND"],
    ["for a command_id with a space", withCommand({ command_id: "wc 17" }), "ERR_CAMPAIGN_COMMAND"],
    ["for an empty command_id", withCommand({ command_id: "" }), "ERR_CAMPAIGN_COMMAND"],
    ["for nobody", { waves: [] }, "ERR_CAMPAIGN_EMPTY"],
  ])("%s", async (_, change, code) => {
    await expect(draftOf(20, change)).rejects.toMatchObject({ code });
  });

  test("but not for a command_id of 34 characters, whose canary and query have 36", async () => {
    const draft = await draftOf(20, withCommand({ command_id: "x".repeat(34) }));
    expect(draft.campaign.commandIds.canary.length).toBe(36);
  });
});
