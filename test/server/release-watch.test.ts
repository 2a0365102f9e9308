/** A campaign whose release is withdrawn or replaced in the image repository: a real repository, real signatures, the real clockwork. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { withdraw } from "../../src/depot/repository/changes.ts";
import { readRepository } from "../../src/depot/repository/read.ts";
import { signerOf, TOP_ROLES } from "../../src/depot/repository/role-signer.ts";
import { publishDraft, publishRelease, type RepositoryKeys } from "../../src/depot/repository.ts";
import { REPOSITORY_RETRY_MS } from "../../src/server/limits.ts";
import { ReleaseWatch } from "../../src/server/release-watch.ts";
import { holdPayload } from "../../src/trust/permit.ts";
import { addSignature, sign } from "../../src/trust/sign/index.ts";
import { RELEASE, Side } from "./tenancy/world.ts";

const ID = "wc17";
const IMAGE = new Uint8Array(1_000);
const directory = mkdtempSync(join(tmpdir(), "edict-release-watch-"));
let side: Side;
let keys: RepositoryKeys;

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  const { repositoryKeys } = side.tenant.state.paths;
  keys = JSON.parse(readFileSync(join(repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  await side.import(["urn:dev:ops:32473-cam-1", "urn:dev:ops:32473-cam-2"]);
  await side.draft(ID);
  await side.approve(ID);
}, 60_000);
afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

const depot = () => side.tenant.state.paths.depot;
const publish = (image: Uint8Array) => publishRelease(depot(), { keys, release: RELEASE, image, nowMs: Date.now() });
const campaign = () => side.tenant.service.campaign(ID);

async function withdrawRelease(): Promise<void> {
  const repository = await readRepository(depot());
  const signers = TOP_ROLES.map((role) => signerOf(keys[role]));
  await publishDraft(depot(), repository, withdraw(repository, RELEASE, Date.now()), { signers, nowMs: Date.now() });
}

/** One turn of the clockwork, as the server makes it. */
async function turn() {
  await side.tenant.releases.look();
  side.tenant.driver.tick();
  return campaign();
}

async function resume(): Promise<void> {
  const payload = holdPayload({ campaign_id: ID, at_ms: Date.now(), reason: "two people want it to go on" });
  const once = await sign(payload, "resume", await side.signer("author"));
  const statement = await addSignature(once, "resume", await side.signer("approver"), payload);
  await side.done("POST", `/campaigns/${ID}/resume`, { statement });
}

test("while its release is named it climbs; withdrawn, it halts and gateways hear of it, and no resume overrules the manufacturer", async () => {
  expect((await turn()).state).toBe("canary");
  await withdrawRelease();
  const reason = "famousMaker famousModel 2.3.4 is withdrawn: the image repository does not name it any more";
  expect(await turn()).toMatchObject({ state: "halted", reason });
  expect(side.tenant.intake.ordersAfter(0).at(-1)).toMatchObject({ kind: "pause", campaignId: ID });
  await resume();
  expect(campaign().state).toBe("canary");
  expect(await turn()).toMatchObject({ state: "halted", reason });
});

test("other bytes of the same name halt it as well; published again as they were signed, two people let it go on", async () => {
  await publish(new Uint8Array(1_001));
  await resume();
  expect(await turn()).toMatchObject({ state: "halted", reason: expect.stringContaining("names other bytes than the signed command") });
  await withdrawRelease();
  await publish(IMAGE);
  await resume();
  expect((await turn()).state).toBe("canary");
});

test("a repository that cannot be read halts nothing, and is logged when it changes and every minute", async () => {
  const file = join(depot(), "metadata", "timestamp.json");
  const whole = readFileSync(file);
  const lines: string[] = [];
  let nowMs = Date.now();
  const watch = new ReleaseWatch(
    depot(),
    { nowMs: () => nowMs },
    pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }),
  );
  const kept = new SqliteCampaignStore(side.tenant.database).get(ID);
  if (kept === undefined) throw new Error("there is no campaign");
  await withdrawRelease();
  await watch.look();
  expect([watch.changeOf(kept), lines]).toEqual(["withdrawn", []]);

  writeFileSync(file, "{}");
  expect((await turn()).state).toBe("canary");
  const sinceMs = nowMs;
  for (const afterMs of [0, 1, REPOSITORY_RETRY_MS - 1, REPOSITORY_RETRY_MS]) {
    nowMs = sinceMs + afterMs;
    await watch.look();
  }
  // No device joins either: it might run a newer one.
  expect([watch.changeOf(kept), watch.newerThan(kept)]).toEqual([undefined, undefined]);
  expect(lines.map((line) => JSON.parse(line).err.code)).toEqual(["ERR_DEPOT_REPOSITORY", "ERR_DEPOT_REPOSITORY"]);
  rmSync(file);
  await watch.look();
  expect([watch.changeOf(kept), lines.length]).toEqual([undefined, 3]);
  // What stood there before the withdrawal: the release is named again.
  writeFileSync(file, whole);
  await watch.look();
  expect([watch.changeOf(kept), lines.length]).toEqual([undefined, 3]);
  const other = { ...kept, releaseCounter: 1, request: { ...kept.request, name: "otherModel" } };
  expect([kept, { ...kept, releaseCounter: 1 }, other].map((each) => watch.newerThan(each))).toEqual([[], ["2.3.4"], []]);
});
