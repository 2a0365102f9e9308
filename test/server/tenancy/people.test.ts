/** Abuse case 7: people of one tenant who hold a token of another. What they sign is not believed there, and nothing changes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signCampaign } from "../../../src/cli/signing.ts";
import type { CampaignView } from "../../../src/server/api/views.ts";
import type { Statement } from "../../../src/trust/director.ts";
import { checkpointPayload, denyListPayload, holdPayload } from "../../../src/trust/permit.ts";
import { addSignature, type Signer, sign } from "../../../src/trust/sign/index.ts";
import { factsOf, Side } from "./world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-people-"));
let a: Side;
let b: Side;
let strangers: readonly [Signer, Signer];

beforeAll(async () => {
  a = await Side.open(join(directory, "a"), "a.example");
  b = await Side.open(join(directory, "b"), "b.example");
  await b.import(["urn:dev:ops:32473-b-1", "urn:dev:ops:32473-b-2"]);
  await b.draft("b-draft");
  await b.draft("b-approved");
  await b.approve("b-approved");
  strangers = [await a.signer("author"), await a.signer("approver")];
}, 60_000);

afterAll(() => {
  for (const { tenant } of [a, b]) tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function byStrangers(payload: Uint8Array, statement: Statement): Promise<string> {
  const [author, approver] = strangers;
  return addSignature(await sign(payload, statement, author), statement, approver, payload);
}

const hold = (kind: "stop" | "resume") =>
  byStrangers(holdPayload({ campaign_id: "b-approved", at_ms: Date.now(), reason: "ours now" }), kind);

test.each<[string, () => Promise<readonly [string, object]>]>([
  [
    "signatures under a draft",
    async () => [
      "/campaigns/b-draft/signatures",
      await signCampaign((await b.done("GET", "/campaigns/b-draft")) as CampaignView, strangers[0]),
    ],
  ],
  ["a stop", async () => ["/campaigns/b-approved/stop", { statement: await hold("stop") }]],
  ["a resume", async () => ["/campaigns/b-approved/resume", { statement: await hold("resume") }]],
  ["a cancel", async () => ["/campaigns/b-approved/cancel", { statement: await hold("stop"), frame: await hold("stop") }]],
  [
    "a deny list",
    async () => [
      "/deny",
      {
        statement: await byStrangers(
          denyListPayload({ version: 1, created_ms: Date.now(), devices: ["urn:dev:ops:32473-b-1"] }),
          "deny-list",
        ),
      },
    ],
  ],
  [
    "a checkpoint of the ledger",
    async () => [
      "/ledger/checkpoints",
      { statement: await byStrangers(checkpointPayload({ seq: 1, hash: "0".repeat(64), at_ms: Date.now() }), "checkpoint") },
    ],
  ],
  ["their own director", async () => ["/trust", { statement: readFileSync(a.tenant.state.paths.director, "utf8") }]],
])("attack: %s, signed by another tenant's people, sent with a token of this one", async (_what, make) => {
  const before = b.contents();
  const [path, body] = await make();
  const { status, text } = await b.call("POST", path, body);
  expect(text).toMatch(/"code":"ERR_(TRUST|CAMPAIGN)_/);
  expect([400, 401, 403]).toContain(status);
  expect(b.contents()).toBe(before);
});

test("a token opens the API of its own tenant only, whatever its role", async () => {
  for (const person of ["author", "approver", "issuer", "monitor"]) {
    const token = readFileSync(join(a.tenant.state.paths.tokens, `${person}.token`), "utf8").trim();
    for (const path of ["/status", "/metrics", "/campaigns/b-draft"]) {
      const response = await b.tenant.api.request(`https://manager.example/api/v1${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
    }
  }
});

test("devices of another tenant are not imported: the line is named, and nothing is kept", async () => {
  // That an import was refused is on record; its devices are not.
  const contents = () => a.contents("device_import");
  const before = contents();
  const ours = JSON.stringify(factsOf("urn:dev:ops:32473-a-1", "a.example"));
  const theirs = JSON.stringify(factsOf("urn:dev:ops:32473-b-1", "b.example"));
  const { status, text } = await a.call("POST", "/devices?format=jsonl", `${ours}\n\n${theirs}\n`);
  expect([status, JSON.parse(text).error]).toEqual([
    400,
    expect.objectContaining({
      code: "ERR_FLEET_IMPORT_ROW",
      message: 'line 3: it is a device of "b.example", and this is the fleet of "a.example"',
    }),
  ]);
  expect(contents()).toBe(before);
});
