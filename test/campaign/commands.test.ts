/** What a campaign can carry beside an update: the messages of a stop, and the stops that cannot be. */
import { describe, expect, test } from "bun:test";
import { type DraftInput, draftCampaign } from "../../src/campaign/draft.ts";
import { limitsOf } from "../../src/campaign/commands/index.ts";
import { type Command, parseMessage } from "../../src/openc2/index.ts";
import { BASE_ID, draftInput, draftOf } from "./people.ts";
import { T0 } from "./world.ts";

const process = { name: "dvrHelper", executable: { hashes: { sha256: "AB".repeat(32) } } };
const command: Command = { action: "stop", target: { process }, args: { response_requested: "none" }, command_id: BASE_ID };
const request = { tenant: "isp", query: "vendor==famousMaker;name==famousModel" };
const { releaseCounter: _counter, ...input } = draftInput(100);
const stop = (change: Partial<DraftInput> = {}) => draftCampaign({ ...input, command, request, spreadMs: 0, ...change });
const withTarget = (target: Command["target"]) => ({ command: { ...command, target } });
const LIMITS = { not_after: T0 + 3_600_000, spread: 0 };

test("the three messages of a stop: the canary answers, the rest is silent, the query asks about the same process", async () => {
  const { campaign } = await stop();
  const read = (name: "canary" | "mass" | "query"): readonly unknown[] => {
    const message = parseMessage(Uint8Array.fromBase64(campaign.messages[name], { alphabet: "base64url" }));
    return message.kind === "request" ? [message.headers.request_id, message.command as Command] : [];
  };
  const mass: Command = { action: "stop", target: { process }, args: { response_requested: "none", "x-iot": LIMITS }, command_id: BASE_ID };
  expect(read("mass")).toEqual([undefined, mass]);
  expect(campaign.command).toEqual(mass);
  const args = { ...mass.args, response_requested: "complete" } as const;
  expect(read("canary")).toEqual([`${BASE_ID}-c`, { ...mass, args, command_id: `${BASE_ID}-c` }]);
  expect(read("query")).toEqual([
    `${BASE_ID}-q`,
    {
      action: "query",
      target: { process },
      args: { response_requested: "complete", "x-iot": { not_after: LIMITS.not_after } },
      command_id: `${BASE_ID}-q`,
    },
  ]);
  expect(campaign).not.toHaveProperty("releaseCounter");
  expect(campaign.permit).toMatchObject({ count_max: 100, commands: { length: 3 } });
});

test("what people wrote of how to stop it is kept, and the limits are the draft's", async () => {
  const written = { ...command, args: { ...command.args, "x-iot": { grace: 5_000, not_after: 1 } }, actuator: { "x-iot": {} } };
  const { campaign } = await stop({ command: written, spreadMs: 7_000 });
  expect(campaign.command.args?.["x-iot"]).toEqual({ grace: 5_000, not_after: LIMITS.not_after, spread: 7_000 });
  expect(campaign.command.actuator).toEqual({ "x-iot": {} });
});

describe("a stop is refused", () => {
  test.each<[string, Partial<DraftInput>, string]>([
    ["by its pid, which is another process on every device", withTarget({ process: { pid: 33357 } }), "ERR_CAMPAIGN_COMMAND"],
    ["with a pid beside the name", withTarget({ process: { name: "dvrHelper", pid: 33357 } }), "ERR_CAMPAIGN_COMMAND"],
    ["without a name or hashes", withTarget({ process: { cwd: "/tmp" } }), "ERR_OPENC2_UNSAFE"],
    ["of devices that nobody named", { request: { tenant: "isp" } }, "ERR_CAMPAIGN_COMMAND"],
    [
      "that asks a million devices to answer",
      { command: { ...command, args: { response_requested: "complete" } } },
      "ERR_CAMPAIGN_COMMAND",
    ],
    ["that devices may join which appear later", { newcomersMax: 10 }, "ERR_CAMPAIGN_COMMAND"],
    ["of a device instead of a process", withTarget({ device: { hostname: "cam" } }), "ERR_CAMPAIGN_COMMAND"],
  ])("%s", async (_, change, code) => {
    await expect(stop(change)).rejects.toMatchObject({ code });
  });
});

test("an update without a version of its own, and a restart, are no campaigns", async () => {
  await expect(draftOf(10, { request: { tenant: "isp", vendor: "famousMaker", name: "famousModel" } })).rejects.toMatchObject({
    code: "ERR_CAMPAIGN_COMMAND",
  });
  const restart = { ...command, action: "restart", target: { "x-iot:model": { name: "famousModel" } } } as Command;
  await expect(stop({ command: restart })).rejects.toMatchObject({ code: "ERR_CAMPAIGN_COMMAND" });
  expect(limitsOf(restart)).toEqual({});
});
