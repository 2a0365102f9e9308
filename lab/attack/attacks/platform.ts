/** Attacks on the manager: a stolen token, a rogue administrator, a hostile database, a ledger that is edited. */
import { writeFileSync } from "node:fs";
import type { DraftRequest } from "../../../src/server/api/schemas.ts";
import type { CampaignView } from "../../../src/server/api/views.ts";
import { EdictError } from "../../../src/openc2/edict-error.ts";
import { statePaths } from "../../../src/server/state-directory.ts";
import { generateSigner, type Signer } from "../../../src/trust/sign/index.ts";
import { signCampaign } from "../../../src/cli/signing.ts";
import type { Campaign } from "../../../src/campaign/campaign.ts";
import type { Attack, Blow } from "../attack.ts";
import { altered } from "../forgery.ts";
import { rewriteCampaign } from "../sqlite/campaign-row.ts";
import { writeOrder } from "../sqlite/order-row.ts";
import { deviceId, type Stage } from "../stage.ts";

export const PLATFORM_ATTACKS: readonly Attack[] = [
  {
    id: "1",
    title: "Stolen operator credential",
    who: "Somebody has the approver's API token, and then the author's signing key as well.",
    cost: "One phished operator updates, or bricks, the whole fleet.",
    run: stolenCredential,
  },
  {
    id: "2",
    title: "Rogue database administrator",
    who: 'An administrator writes "approved" into the row of a campaign that only its author has signed.',
    cost: "Whoever owns the database commands the fleet.",
    run: async (stage) => [await rewritten(stage, "row-approved", [stage.author], "ERR_TRUST_THRESHOLD")],
  },
  {
    id: "4",
    title: "Hostile database or broker",
    who: "A database puts another release into an order that two people have signed, and orders it for devices that appeared later; a broker's client forges orders and answers.",
    cost: "A campaign for one release installs another.",
    run: async (stage) => [
      await rewritten(stage, "row-altered", [stage.author, stage.approver], "ERR_CHANNEL_COMMAND", (signed) => ({
        ...signed,
        canary: otherRelease(signed.canary),
        mass: otherRelease(signed.mass),
      })),
      ...(await widened(stage)),
    ],
    tests: [{ file: "test/channel/mqtt/campaign.test.ts", titles: ["attack: a broker's client that forges"] }],
  },
  {
    id: "13",
    title: "Ledger tampering",
    who: "Whoever owns the database deletes, edits, reorders or cuts off lines, and makes nothing of it fit or all of it.",
    cost: "Nobody can say afterwards who ordered what.",
    run: tamperedLedger,
    tests: [{ file: "test/campaign/checkpoint.hardening.test.ts", titles: ["the database is rewritten and every hash made to fit"] }],
  },
];

async function draft(stage: Stage, id: string, change: Partial<DraftRequest> = {}): Promise<CampaignView> {
  const target = { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: "2.0.0" } };
  const command = { action: "update", target, args: { response_requested: "none" }, command_id: id } as const;
  const { campaign } = await stage.api("author").draft({ command, expiresInMs: 600_000, ...change });
  if (campaign === undefined) throw new Error("no draft was kept");
  return campaign;
}

async function stolenCredential(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.switchedOn("credential");
  const campaign = await draft(stage, "stolen-token");
  const thief = stage.api("approver");
  const blow = async (what: string, code: string, attempt: () => Promise<unknown>): Promise<Blow> => ({
    what,
    stoppedBy: `${code}, by the manager`,
    held: (await codeOf(attempt)) === code,
  });
  const invented = await generateSigner("approver");
  const blows = [
    await blow("the token, and a key made up for it", "ERR_TRUST_UNKNOWN_KEY", async () =>
      thief.sign(campaign.id, await signCampaign(campaign, invented)),
    ),
    await blow("the token and the approver's key, before the author", "ERR_CAMPAIGN_SIGNERS", async () =>
      thief.sign(campaign.id, await signCampaign(campaign, stage.approver)),
    ),
  ];
  const view = await stage.api("author").sign(campaign.id, await signCampaign(campaign, stage.author));
  blows.push(
    await blow("the author's key twice", "ERR_TRUST_SAME_PERSON", async () =>
      thief.sign(campaign.id, await signCampaign(view, stage.author)),
    ),
  );
  const { state, progress } = await stage.api("author").campaign(campaign.id);
  const isUntouched = state === "draft" && progress.sent === 0 && !device.hasSaid((event) => event.kind === "update");
  blows.push({ what: "afterwards it is a draft, and the device has heard nothing", stoppedBy: "two signatures", held: isUntouched });
  await stage.scene.edict("cancel", campaign.id, "--reason", "an attack");
  await stage.retire(device);
  return blows;
}

/** A row that says "approved" under these people's signatures, with something changed; the gateway says what it refuses to send. */
async function rewritten(
  stage: Stage,
  id: string,
  signers: readonly Signer[],
  code: string,
  change: (signed: Campaign["signed"]) => Campaign["signed"] = (signed) => signed,
): Promise<Blow> {
  const device = await stage.switchedOn(id);
  const signed = await signedBy(await draft(stage, id), signers);
  const approved = { state: "approved", signedBy: ["author", "approver"], signed: change(signed) } as const;
  rewriteCampaign(statePaths(stage.scene.state).database, id, (campaign) => ({ ...campaign, ...approved }));
  const held = await isRefused(stage, id, code);
  const isQuiet = !device.hasSaid((event) => event.kind === "update");
  await stage.scene.edict("cancel", id, "--reason", "an attack");
  await stage.retire(device);
  return {
    what: `a row that says "approved", with ${signers.length} of 2 signatures`,
    stoppedBy: `${code}, by the gateway`,
    held: held && isQuiet,
  };
}

/** Under permits that two people signed, for no newcomer and for one: an order for one, and for two. */
async function widened(stage: Stage): Promise<readonly Blow[]> {
  const names = ["member", "newcomer-1", "newcomer-2"] as const;
  await stage.enter("member");
  const drafts = [await draft(stage, "closed"), await draft(stage, "open", { newcomersMax: 1 })];
  const device = await stage.switchedOn("newcomer-1");
  await stage.enter("newcomer-2");
  const blows: Blow[] = [];
  for (const [most, view] of drafts.entries()) {
    const { id } = view;
    const { database } = statePaths(stage.scene.state);
    const signed = await signedBy(view, [stage.author, stage.approver]);
    rewriteCampaign(database, id, (campaign) => ({ ...campaign, signed }));
    writeOrder(database, id, names.slice(1, most + 2).map(deviceId));
    const held = await isRefused(stage, id, "ERR_CHANNEL_WIDENED");
    const isQuiet = !device.hasSaid((event) => event.kind === "update");
    const what = `an order for ${most + 1} newcomer${most === 0 ? "" : "s"} under a permit for ${most}`;
    blows.push({ what, stoppedBy: "ERR_CHANNEL_WIDENED, by the gateway", held: held && isQuiet });
    await stage.scene.edict("cancel", id, "--reason", "an attack");
  }
  await stage.retire(device);
  for (const name of names) await stage.enter(name, true);
  return blows;
}

async function signedBy(view: CampaignView, signers: readonly Signer[]): Promise<Campaign["signed"]> {
  let { signed } = view;
  for (const signer of signers) signed = await signCampaign({ ...view, signed }, signer);
  return signed;
}

/** The gateway says so, and the manager keeps it. */
function isRefused(stage: Stage, id: string, code: string): Promise<boolean> {
  return stage.until(async () => {
    const lines = (await stage.api("author").ledger()).split("\n");
    return lines.some((line) => line.includes('"order.refused"') && line.includes(`"${id}"`) && line.includes(code));
  });
}

function otherRelease(text: string): string {
  return new TextDecoder().decode(altered(new TextEncoder().encode(text), "2.0.0", "3.0.0"));
}

async function codeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return "accepted";
  } catch (error) {
    if (error instanceof EdictError) return error.code;
    throw error;
  }
}

/** The approver signs the head first, as after every act of consequence. */
async function tamperedLedger(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.switchedOn("ledger");
  await draft(stage, "for-the-ledger");
  await stage.scene.edict("cancel", "for-the-ledger", "--reason", "an attack");
  await stage.retire(device);
  await stage.scene.edict("ledger", "checkpoint");
  const lines = (await stage.api("author").ledger()).trim().split("\n");
  const middle = lines.length >> 1;
  const file = stage.scene.file("tampered.jsonl");
  const tamperings: readonly (readonly [string, readonly string[]])[] = [
    ["a line is deleted", lines.toSpliced(middle, 1)],
    ["a line is edited", lines.toSpliced(middle, 1, (lines[middle] ?? "").replace(/"actor":"[^"]*"/, '"actor":"nobody"'))],
    ["two lines change places", lines.toSpliced(middle, 2, lines[middle + 1] ?? "", lines[middle] ?? "")],
    ["the end is cut off", lines.slice(0, -2)],
  ];
  const blows: Blow[] = [];
  for (const [what, tampered] of tamperings) {
    writeFileSync(file, `${tampered.join("\n")}\n`);
    const held = await stage.scene.isRefused("ERR_CLI_LEDGER", "ledger", "verify", "--file", file);
    blows.push({ what, stoppedBy: "ERR_CLI_LEDGER, by `edict ledger verify`", held });
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { ok } = await stage.scene.edict("ledger", "verify", "--file", file);
  blows.push({ what: "untouched it verifies", stoppedBy: "nothing", held: ok === true });
  return blows;
}
