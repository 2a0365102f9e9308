/** Who may sign what, in which order, and what is refused. */
import { describe, expect, test } from "bun:test";
import { acceptSignatures } from "../../src/campaign/approval.ts";
import { makeDirector } from "../../src/trust/sign/index.ts";
import { approver, author, director, draftOf, signed, stranger } from "./people.ts";

const { campaign } = await draftOf(20);
const other = (await draftOf(20, { spreadMs: 1 })).campaign;

describe("signing a draft", () => {
  test("the author's signatures leave it a draft; the approver's make it approved", async () => {
    const first = await acceptSignatures(campaign, await signed(campaign, [author]), director);
    expect(first).toMatchObject({ state: "draft", signedBy: ["author@isp.example"] });
    const texts = await signed(campaign, [author, approver]);
    expect(await acceptSignatures(first, texts, director)).toMatchObject({
      state: "approved",
      signed: texts,
      signedBy: ["author@isp.example", "approver@isp.example"],
    });
  });

  test.each(["command", "permit"] as const)("one person is enough for neither when it takes two for a %s alone", async (statement) => {
    const alone = { command: 1, permit: 1, [statement]: 2 };
    const roles = { ...director.roles };
    for (const name of ["command", "permit"] as const) roles[name] = { ...roles[name], threshold: alone[name] };
    const texts = await signed(campaign, [author]);
    expect((await acceptSignatures(campaign, texts, { ...director, roles })).state).toBe("draft");
  });

  test("a campaign that is approved takes no more signatures", async () => {
    const texts = await signed(campaign, [author, approver]);
    await expect(acceptSignatures({ ...campaign, state: "approved" }, texts, director)).rejects.toMatchObject({
      code: "ERR_CAMPAIGN_STATE",
    });
  });
});

describe("an approval is refused", () => {
  test("when the approver signs before the author", async () => {
    await expect(acceptSignatures(campaign, await signed(campaign, [approver]), director)).rejects.toMatchObject({
      code: "ERR_CAMPAIGN_SIGNERS",
    });
  });

  test("when the author signs twice", async () => {
    const once = await signed(campaign, [author]);
    const parsed = JSON.parse(once.permit);
    const twice = { ...once, permit: JSON.stringify({ ...parsed, signatures: [...parsed.signatures, ...parsed.signatures] }) };
    await expect(acceptSignatures(campaign, twice, director)).rejects.toMatchObject({ code: "ERR_TRUST_SAME_PERSON" });
  });

  test("when one of the four lacks the second signature", async () => {
    const texts = await signed(campaign, [author, approver]);
    const half = { ...texts, mass: (await signed(campaign, [author])).mass };
    await expect(acceptSignatures(campaign, half, director)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_SIGNERS" });
  });

  test.each(["canary", "mass", "query", "permit"] as const)("when the %s that was signed is not the one that was drafted", async (name) => {
    const texts = await signed(campaign, [author, approver]);
    const swapped = {
      ...texts,
      [name]: (
        await signed(name === "query" ? { ...other, messages: { ...other.messages, query: other.messages.mass } } : other, [
          author,
          approver,
        ])
      )[name],
    };
    await expect(acceptSignatures(campaign, swapped, director)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_PAYLOAD" });
  });

  test("when what was signed is the beginning of what was drafted", async () => {
    const texts = await signed(campaign, [author, approver]);
    const bytes = Uint8Array.fromBase64(campaign.messages.mass, { alphabet: "base64url" });
    const beginning = bytes.subarray(0, -1).toBase64({ alphabet: "base64url", omitPadding: true });
    const { mass } = await signed({ ...campaign, messages: { ...campaign.messages, mass: beginning } }, [author, approver]);
    await expect(acceptSignatures(campaign, { ...texts, mass }, director)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_PAYLOAD" });
  });

  test("when another person approves one of the four", async () => {
    const three = makeDirector({ name: director.name, version: 1, signers: [author, approver, stranger] });
    const texts = await signed(campaign, [author, approver]);
    const { permit } = await signed(campaign, [author, stranger]);
    await expect(acceptSignatures(campaign, { ...texts, permit }, three)).rejects.toMatchObject({ code: "ERR_CAMPAIGN_SIGNERS" });
    expect((await acceptSignatures(campaign, texts, three)).state).toBe("approved");
  });

  test("when a stranger approves", async () => {
    await expect(acceptSignatures(campaign, await signed(campaign, [author, stranger]), director)).rejects.toMatchObject({
      code: "ERR_TRUST_UNKNOWN_KEY",
    });
  });

  test("when the permit's signature stands under a command", async () => {
    const texts = await signed(campaign, [author, approver]);
    await expect(acceptSignatures(campaign, { ...texts, mass: texts.permit }, director)).rejects.toMatchObject({
      code: "ERR_TRUST_STATEMENT",
    });
  });

  test("when a text is missing", async () => {
    const texts = await signed(campaign, [author, approver]);
    await expect(acceptSignatures(campaign, { ...texts, query: "" }, director)).rejects.toMatchObject({ code: "ERR_TRUST_FORMAT" });
  });
});
