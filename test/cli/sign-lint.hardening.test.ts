/** A server that wants something else signed than it shows, or something that devices refuse: nobody's key is used. */
import { expect, test } from "bun:test";
import { checkDrafted, lintCampaign, signCampaign } from "../../src/cli/signing.ts";
import { draftCampaign } from "../../src/campaign/draft.ts";
import { type Command, encodeRequest, parseMessage } from "../../src/openc2/index.ts";
import type { CampaignView } from "../../src/server/api/views.ts";
import { generateSigner, type Signer } from "../../src/trust/sign/index.ts";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import { draftInput } from "../campaign/people.ts";

const HOUR_MS = 3_600_000;

async function drafted(software: object = {}, change: Partial<Parameters<typeof draftInput>[1]> = {}): Promise<CampaignView> {
  const nowMs = Date.now();
  const { command, ...input } = draftInput(20, { nowMs, notAfterMs: nowMs + HOUR_MS, ...change });
  const target = { "x-swup:software": { ...(command.target as { "x-swup:software": object })["x-swup:software"], ...software } };
  const { campaign } = await draftCampaign({ ...input, command: { ...command, target } as typeof command });
  const progress = {} as CampaignView["progress"];
  return { ...campaign, signedBy: [], notAfterMs: campaign.permit.not_after, waves: [], progress };
}

/** Fails the test when it is asked to sign. */
async function untouchedKey(): Promise<Signer> {
  const { person, kid, publicJwk } = await generateSigner("author@isp.example");
  return { person, kid, publicJwk, sign: () => expect.unreachable("the real key signed") };
}

test("a sound campaign is tried on a device: the canary answers, the rest is silent, the query is answered", async () => {
  const trials = await lintCampaign(await drafted());
  expect(trials).toMatchObject([
    { name: "canary", text: expect.stringMatching(/^a device begins 2\.3\.4 after .* and answers when it has ended$/) },
    { name: "mass", text: expect.stringMatching(/^a device begins 2\.3\.4 after .* and answers nothing, now or later$/) },
    { name: "query", text: "a device answers 200 and does nothing" },
  ]);
});

test.each([
  ["an address as source", { source: "https://10.0.0.1/x" }, "ERR_DEPOT_SOURCE_ADDRESS"],
  ["another port in source", { source: "https://updates.famousmaker.example:8443/x" }, "ERR_DEPOT_SOURCE_PORT"],
])("attack: %s: the device's own code refuses it, and the real key signs nothing", async (_, software, code) => {
  const campaign = await drafted(software);
  await expect(signCampaign(campaign, await untouchedKey())).rejects.toMatchObject({
    code: "ERR_CLI_SIGN_LINT",
    message: expect.stringContaining(code),
  });
});

test("attack: a campaign that has expired, in the hope that somebody signs it for a device whose clock is behind", async () => {
  const campaign = await drafted({}, { nowMs: Date.now() - 2 * HOUR_MS, notAfterMs: Date.now() - HOUR_MS });
  await expect(signCampaign(campaign, await untouchedKey())).rejects.toMatchObject({
    code: "ERR_CLI_SIGN_LINT",
    message: expect.stringContaining("ERR_TRUST_EXPIRED"),
  });
});

test.each([{ vendor: "otherMaker" }, { name: "otherModel" }, { new_version: "6.6.6" }])(
  "attack: newcomers may join that the command is not for: %j",
  async (change) => {
    const campaign = await drafted({}, { newcomersMax: 5 });
    await lintCampaign(campaign);
    const { newcomers } = campaign.permit;
    if (newcomers === undefined) throw new Error("nobody may join");
    const criteria = { ...newcomers.criteria, ...change };
    const wanted = { ...campaign, permit: { ...campaign.permit, newcomers: { ...newcomers, criteria } } };
    await expect(signCampaign(wanted, await untouchedKey())).rejects.toMatchObject({
      code: "ERR_CLI_SIGN_LINT",
      message: expect.stringContaining("newcomers may join that the command is not for"),
    });
  },
);

test.each<[string, (view: CampaignView, other: CampaignView) => CampaignView]>([
  ["a message that the permit does not name", (view, other) => ({ ...view, messages: { ...view.messages, mass: other.messages.mass } })],
  ["another campaign's permit", (view, other) => ({ ...view, permit: { ...view.permit, campaign_id: `${other.id}-2` } })],
  ["the canary's message to everybody", (view) => ({ ...view, messages: { ...view.messages, mass: view.messages.canary } })],
  ["other software than it shows", (view, other) => ({ ...view, command: { ...view.command, target: other.command.target } })],
])("attack: the server shows one thing and wants signed %s", async (_, change) => {
  const campaign = change(await drafted(), await drafted({ new_version: "6.6.6" }));
  await expect(signCampaign(campaign, await untouchedKey())).rejects.toMatchObject({ code: "ERR_CLI_SIGN_LINT" });
});

/** Of a campaign that stops a process; the server may have made other messages of it, and a permit that names them. */
async function stopping(change: { readonly query?: object; readonly mass?: object } = {}): Promise<CampaignView> {
  const nowMs = Date.now();
  const { releaseCounter: _counter, ...input } = draftInput(20, { nowMs, notAfterMs: nowMs + HOUR_MS, spreadMs: 0 });
  const command = {
    action: "stop",
    target: { process: { name: "dvrHelper" } },
    args: { response_requested: "none" },
    command_id: "stop-1",
  };
  const request = { tenant: "isp", query: "name==famousModel" };
  const { campaign } = await draftCampaign({ ...input, command: command as Command, request });
  const messages = { ...campaign.messages };
  for (const [name, other] of Object.entries(change) as ["query" | "mass", object][]) {
    const read = parseMessage(Buffer.from(messages[name], "base64url"));
    if (read.kind !== "request") throw new Error(`${name} is no request`);
    messages[name] = Buffer.from(encodeRequest(read.headers, { ...read.command, ...other })).toString("base64url");
  }
  const commands = await Promise.all(Object.values(messages).map((text) => sha256Hex(Buffer.from(text, "base64url"))));
  const progress = {} as CampaignView["progress"];
  const permit = { ...campaign.permit, commands };
  return { ...campaign, messages, permit, signedBy: [], notAfterMs: permit.not_after, waves: [], progress };
}

test("a stop is tried on a device too: it begins at once, and the question about it is answered", async () => {
  expect(await lintCampaign(await stopping())).toMatchObject([
    { name: "canary", text: expect.stringMatching(/^a device begins stop after .* and answers when it has ended$/) },
    { name: "mass", text: expect.stringMatching(/^a device begins stop after .* and answers nothing, now or later$/) },
    { name: "query", text: "a device answers 200 and does nothing" },
  ]);
});

test.each<[string, Parameters<typeof stopping>[0], string]>([
  [
    "asks about another process than it stops, so that nobody finds out",
    { query: { target: { process: { name: "other" } } } },
    "asks about something else",
  ],
  ["stops another process than it shows", { mass: { target: { process: { name: "sshd" } } } }, "is about something else"],
  ["restarts everything instead", { mass: { action: "restart", target: { "x-iot:model": { name: "famousModel" } } } }, "to restart"],
])("attack: a campaign that %s", async (_, change, why) => {
  await expect(signCampaign(await stopping(change), await untouchedKey())).rejects.toMatchObject({
    code: "ERR_CLI_SIGN_LINT",
    message: expect.stringContaining(why),
  });
});

test("attack: newcomers may join a stop, which names nobody", async () => {
  const campaign = await stopping();
  const newcomers = { count_max: 1_000, criteria: { vendor: "famousMaker", name: "famousModel", new_version: "2.3.4" } };
  const wanted = { ...campaign, permit: { ...campaign.permit, newcomers } };
  await expect(signCampaign(wanted, await untouchedKey())).rejects.toMatchObject({ code: "ERR_CLI_SIGN_LINT" });
});

test("attack: the server drafts something else than the author wrote, who signs without being asked again", async () => {
  const args = { response_requested: "none" } as const;
  const written = { action: "stop", target: { process: { name: "dvrHelper" } }, args, command_id: "stop-1" } as const;
  const asked = { command: written, query: "name==famousModel", expiresInMs: HOUR_MS };
  const campaign = await stopping();
  expect(() => checkDrafted(campaign, asked)).not.toThrow();
  const refused = expect.objectContaining({ code: "ERR_CLI_SIGN_LINT" });
  const other = { process: { name: "sshd" } };
  expect(() => checkDrafted({ ...campaign, command: { ...campaign.command, target: other } }, asked)).toThrow(refused);
  expect(() => checkDrafted({ ...campaign, command: { ...campaign.command, command_id: "stop-2" } }, asked)).toThrow(refused);
  expect(() => checkDrafted(undefined, asked)).toThrow(refused);
  expect(() => checkDrafted(campaign, { ...asked, newcomersMax: 5 })).toThrow(refused);
});
