/**
 * Abuse cases 1, 4 and 9 against a real server: a stolen operator token, people who are one, a hostile source, and what has changed
 * between draft and approval.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServeProcess, startServe } from "../../lab/story/serve-process.ts";
import { clientFor, makeContext } from "../../src/cli/context.ts";
import { keyPath } from "../../src/cli/keys/key-ring.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { signCampaign } from "../../src/cli/signing.ts";
import { EdictError } from "../../src/openc2/index.ts";
import type { DraftRequest } from "../../src/server/api/schemas.ts";
import { generateSigner, openKeyFile, readKeyFile, type Signer } from "../../src/trust/sign/index.ts";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");
const directory = mkdtempSync(join(tmpdir(), "edict-people-"));
const state = join(directory, "state");
const context = makeContext(state, makeOutput(true));
let serve: ServeProcess;
let drafts = 0;

async function edict(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const child = Bun.spawn([process.execPath, EDICT, "--state", state, "--json", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out, err };
}

/** Publishes a release of the model; the counter is how new it is. */
async function publish(version: string, counter: number): Promise<void> {
  const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", version, "--counter", String(counter)];
  const { status, out } = await edict("release", join(directory, "image.bin"), ...software, "--source", "https://updates.maker.example/x");
  if (status !== 0) throw new Error(out);
}

function importDevices(changes: readonly object[]): Promise<unknown> {
  const facts = { tenant: "isp.example", vendor: "famousMaker", name: "famousModel", version: "1.2.3", hardware: "r1", region: "east" };
  const lines = changes.map((change) => JSON.stringify({ ...facts, subscribed: true, optedOut: false, ...change }));
  return clientFor(context, "author").importDevices(lines.join("\n"), "jsonl");
}

function request(change: Partial<DraftRequest> = {}, software: object = {}): DraftRequest {
  drafts += 1;
  return {
    command: {
      action: "update",
      target: { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: "2.0.0", ...software } },
      args: { response_requested: "none" },
      command_id: `draft-${drafts}`,
    },
    expiresInMs: 3_600_000,
    ...change,
  };
}

async function draft(change: Partial<DraftRequest> = {}) {
  const { campaign } = await clientFor(context, "author").draft(request(change));
  if (campaign === undefined) throw new Error("no draft");
  return campaign;
}

async function keyOf(person: string): Promise<Signer> {
  return openKeyFile(await readKeyFile(readFileSync(keyPath(join(state, "keys"), person), "utf8")));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EdictError) return error.code;
    throw error;
  }
  return "accepted";
}

beforeAll(async () => {
  writeFileSync(join(directory, "image.bin"), new Uint8Array(20_000));
  await edict("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0");
  await publish("2.0.0", 5);
  await publish("3.0.0", 9);
  serve = await startServe(state, join(directory, "serve.log"));
  await importDevices(Array.from({ length: 40 }, (_, index) => ({ id: `urn:dev:ops:32473-cam-${index}` })));
}, 60_000);
afterAll(async () => {
  serve.kill("SIGTERM");
  await serve.exited;
  rmSync(directory, { recursive: true, force: true });
});

describe("attack: a stolen operator token", () => {
  test("drafts, and releases nothing: no token replaces a signature", async () => {
    const thief = clientFor(context, "approver");
    const { campaign } = await thief.draft(request());
    if (campaign === undefined) throw new Error("no draft");
    expect(campaign).toMatchObject({ state: "draft", author: "approver", signedBy: [] });
    const mallory = await generateSigner("approver");
    expect(await codeOf(thief.sign(campaign.id, await signCampaign(campaign, mallory)))).toBe("ERR_TRUST_UNKNOWN_KEY");
    expect(await codeOf(thief.sign(campaign.id, { canary: "", mass: "", query: "", permit: "" }))).toBe("ERR_TRUST_FORMAT");
    expect(await thief.campaign(campaign.id)).toMatchObject({ state: "draft", signedBy: [] });
  });

  test("with one person's key as well: the second signature is still missing, and the same person's does not do", async () => {
    const campaign = await draft();
    const author = await keyOf("author");
    const view = await clientFor(context, "author").sign(campaign.id, await signCampaign(campaign, author));
    expect(view).toMatchObject({ state: "draft", signedBy: ["author"] });
    expect(await codeOf(signCampaign(view, author))).toBe("ERR_TRUST_SAME_PERSON");
    // Under another key of the same person, made to look like somebody else's.
    const second = { ...(await generateSigner("approver")), person: "approver" };
    expect(await codeOf(clientFor(context, "approver").sign(campaign.id, await signCampaign(view, second)))).toBe("ERR_TRUST_UNKNOWN_KEY");
    expect(await clientFor(context, "author").campaign(campaign.id)).toMatchObject({ state: "draft", wave: -1, progress: { sent: 0 } });
  });

  test("the approver alone cannot release what the author did not sign", async () => {
    const campaign = await draft();
    const alone = await signCampaign(campaign, await keyOf("approver"));
    expect(await codeOf(clientFor(context, "approver").sign(campaign.id, alone))).toBe("ERR_CAMPAIGN_SIGNERS");
  });
});

test("attack: one person under two names cannot be made by init", async () => {
  const one = await edict("--state", join(directory, "one"), "init", "--insecure-plain-keys", "--author", "anna", "--approver", "anna");
  expect([one.status, JSON.parse(one.out).error.code]).toEqual([2, "ERR_CLI_USAGE"]);
});

describe("attack: a hostile source", () => {
  test.each([
    ["https://169.254.169.254/latest/meta-data", "ERR_DEPOT_SOURCE_ADDRESS"],
    ["https://2130706433/x", "ERR_DEPOT_SOURCE_ADDRESS"],
    ["https://updates.maker.example:8443/x", "ERR_DEPOT_SOURCE_PORT"],
    ["https://evil.example/x", "ERR_DEPOT_SOURCE_HOST"],
  ])("%s is shown in the dry run, and no draft is kept of it", async (source, why) => {
    const client = clientFor(context, "author");
    const dryRun = await client.draft({ ...request({}, { source }), dryRun: true });
    expect(dryRun.policy).toMatchObject([{ code: "POLICY_SOURCE", mayOverride: false, limit: expect.stringContaining(why) }]);
    const wanted = request({}, { source });
    expect(await codeOf(client.draft(wanted))).toBe("ERR_CAMPAIGN_POLICY");
    expect(await codeOf(client.campaign(wanted.command.command_id))).toBe("ERR_SERVER_NOT_FOUND");
  });
});

test.each(["https://updates.maker.example@evil.example/x", "http://updates.maker.example/x", "file:///etc/passwd"])(
  "attack: the source %s is no source of the language at all",
  async (source) => {
    const wanted = request({}, { source });
    expect(await codeOf(clientFor(context, "author").draft({ ...wanted, dryRun: true }))).toBe("ERR_OPENC2_VALUE");
  },
);

describe("what has changed between draft and approval", () => {
  test("a device that has opted out since stops the approval, until the campaign is drafted again without it", async () => {
    const campaign = await draft();
    const client = clientFor(context, "author");
    const signed = await client.sign(campaign.id, await signCampaign(campaign, await keyOf("author")));
    await importDevices([{ id: "urn:dev:ops:32473-cam-7", optedOut: true }]);
    const both = await signCampaign(signed, await keyOf("approver"));
    expect(await codeOf(client.sign(campaign.id, both))).toBe("ERR_CAMPAIGN_POLICY");
    expect(await client.campaign(campaign.id)).toMatchObject({ state: "draft" });
    expect((await client.policy(campaign.id)).policy).toMatchObject([{ code: "POLICY_CONSENT", figure: expect.stringContaining("1 ") }]);
    expect((await client.draft({ ...request(), dryRun: true })).policy).toEqual([]);
  });

  test("a legal basis is recorded in the ledger", async () => {
    const { id } = await draft({ optOutOverride: "CVE-2026-0001, Telecoms Act section 109" });
    const lines = (await clientFor(context, "author").ledger()).split("\n").filter((line) => line.includes(`"${id}"`));
    expect(lines[0]).toContain("Telecoms Act section 109");
  });
});

describe("what may be overridden", () => {
  test("a canary that is too much of its model needs a reason, which the ledger and the approver see", async () => {
    const client = clientFor(context, "author");
    const large = { ladder: { canaryCount: 20 } };
    expect(await codeOf(client.draft(request(large)))).toBe("ERR_CAMPAIGN_POLICY");
    const { id } = await draft({ ...large, overrides: { POLICY_MODEL_SHARE: "all forty stand in our lab" } });
    expect((await client.policy(id)).policy).toMatchObject([{ code: "POLICY_MODEL_SHARE", reason: "all forty stand in our lab" }]);
    expect(await client.ledger()).toContain("all forty stand in our lab");
  });

  test("devices that run something newer need one too; what may not be overridden is no valid request", async () => {
    await importDevices([{ id: "urn:dev:ops:32473-cam-8", version: "3.0.0" }]);
    expect(await codeOf(draft())).toBe("ERR_CAMPAIGN_POLICY");
    expect(await codeOf(draft({ overrides: { POLICY_NEWER_RUNS: "a tester's" } }))).toBe("accepted");
    const forbidden = { POLICY_SOURCE: "trust me" } as DraftRequest["overrides"];
    expect(await codeOf(draft(forbidden && { overrides: forbidden }))).toBe("ERR_SERVER_REQUEST");
  });
});

test("a campaign that would outlive the repository's metadata is refused", async () => {
  const days = (count: number) => draft({ expiresInMs: count * 86_400_000, overrides: { POLICY_NEWER_RUNS: "a tester's" } });
  expect(await codeOf(days(29))).toBe("accepted");
  expect(await codeOf(days(31))).toBe("ERR_CAMPAIGN_POLICY");
});
