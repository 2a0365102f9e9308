/** Two people with keys, their director, a drafted campaign of theirs, and what they sign. */
import { type Draft, type DraftInput, draftCampaign } from "../../src/campaign/draft.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { assignWaves, defaultLadder } from "../../src/campaign/wave-order.ts";
import { encodeRequest } from "../../src/openc2/index.ts";
import { denyListPayload, holdPayload, permitPayload } from "../../src/trust/permit.ts";
import { addSignature, generateSigner, makeDirector, type Signer, sign } from "../../src/trust/sign/index.ts";
import { T0 } from "./world.ts";

export const author = await generateSigner("author@isp.example");
export const approver = await generateSigner("approver@isp.example", "ES256");
export const stranger = await generateSigner("stranger@elsewhere.example");
export const director = makeDirector({ name: "isp.example", version: 1, signers: [author, approver] });

export const BASE_ID = "wc17_9674309";

export const namedTo = (count: number) =>
  Array.from({ length: count }, (_, ordinal) => ({ id: `urn:dev:ops:32473-famousModel-${ordinal}`, ordinal }));

export function draftInput(count: number, change: Partial<DraftInput> = {}): DraftInput {
  const ladder = defaultLadder(count, { canaryCount: 10, soakMs: 1_000, settledShare: 0.9, settleMaxMs: 30_000, controlCount: 0 });
  return {
    command: {
      action: "update",
      target: {
        "x-swup:software": {
          vendor: "famousMaker",
          name: "famousModel",
          new_version: "2.3.4",
          source: "https://updates.famousmaker.example/ub_x64/patch",
          size: 262_144,
          hashes: { sha256: "AB".repeat(32) },
        },
      },
      args: { response_requested: "none" },
      command_id: BASE_ID,
    },
    request: { tenant: "isp", vendor: "famousMaker", name: "famousModel", newVersion: "2.3.4" },
    releaseCounter: 3,
    waves: assignWaves(namedTo(count), BASE_ID, change.ladder ?? ladder),
    author: author.person,
    from: director.name,
    ladder,
    spreadMs: 5_000,
    ratePerSecond: 1_000,
    halt: { failed_share_max: 0.1, missing_share_max: 0.2 },
    nowMs: T0,
    notAfterMs: T0 + 3_600_000,
    ...change,
  };
}

export const draftOf = (count: number, change: Partial<DraftInput> = {}): Promise<Draft> => draftCampaign(draftInput(count, change));

/** Signs all four texts of a campaign, one person after the other. */
export async function signed(campaign: Campaign, people: readonly Signer[]): Promise<Campaign["signed"]> {
  const { messages, permit } = campaign;
  return {
    canary: await all(Uint8Array.fromBase64(messages.canary, { alphabet: "base64url" }), "command", people),
    mass: await all(Uint8Array.fromBase64(messages.mass, { alphabet: "base64url" }), "command", people),
    query: await all(Uint8Array.fromBase64(messages.query, { alphabet: "base64url" }), "command", people),
    permit: await all(permitPayload(permit), "permit", people),
  };
}

export function hold(kind: "stop" | "resume", atMs: number, people: readonly Signer[], campaignId = BASE_ID): Promise<string> {
  return all(holdPayload({ campaign_id: campaignId, at_ms: atMs, reason: `a ${kind} for a test` }), kind, people);
}

export function cancelFrame(atMs: number, cancels = BASE_ID): Promise<string> {
  const command = {
    action: "cancel",
    target: { command: cancels },
    args: { response_requested: "none", "x-swup": { not_after: T0 + 3_600_000 } },
    command_id: `${cancels}-x`,
  } as const;
  return sign(encodeRequest({ created: atMs, from: author.person }, command), "stopping-command", approver);
}

export function denyList(version: number): Promise<string> {
  return sign(denyListPayload({ version, created_ms: T0, devices: ["urn:dev:ops:32473-famousModel-1"] }), "deny-list", approver);
}

async function all(payload: Uint8Array, statement: Parameters<typeof sign>[1], people: readonly Signer[]): Promise<string> {
  const [first, ...others] = people;
  if (first === undefined) return "";
  let text = await sign(payload, statement, first);
  for (const person of others) text = await addSignature(text, statement, person, payload);
  return text;
}
