/** A manager whose clock is ahead: nobody signs its dates, for devices would take their time from them and never go back. */
import { expect, test } from "bun:test";
import type { CampaignView } from "../../src/server/api/views.ts";
import { signCampaign } from "../../src/cli/signing.ts";
import { author, draftOf } from "../campaign/people.ts";

async function drafted(nowMs: number): Promise<CampaignView> {
  const { campaign } = await draftOf(10, { nowMs, notAfterMs: nowMs + 3_600_000 });
  const { id, state, author: by, createdMs, permit, command, wave, messages, signed } = campaign;
  const progress = {} as CampaignView["progress"];
  return {
    id,
    state,
    author: by,
    signedBy: [],
    createdMs,
    notAfterMs: permit.not_after,
    command,
    wave,
    waves: [],
    progress,
    messages,
    permit,
    signed,
  };
}

test("a campaign of now is signed", async () => {
  expect((await signCampaign(await drafted(Date.now()), author)).mass).toContain("signatures");
});

test.each([
  ["ten years", 3_650],
  ["a day", 1],
])("a campaign that is dated %s ahead is not", async (_, days) => {
  const ahead = await drafted(Date.now() + days * 86_400_000);
  await expect(signCampaign(ahead, author)).rejects.toMatchObject({ code: "ERR_CLI_SIGN_LINT" });
});
