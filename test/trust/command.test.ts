/** What a verified command says of itself, and the commands that nobody may obey whoever signed them. */
import { describe, expect, test } from "bun:test";
import { type Command, encodeRequest, encodeResponse } from "../../src/openc2/index.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { sha256Hex, verifyCommand } from "../../src/trust/verify/index.ts";
import { verbOf } from "../../src/trust/verify/command.ts";
import { COMMAND_LIFE_MS } from "../../src/trust/limits.ts";
import { directorOf, frameOf, makeParty } from "./people.ts";

const isp = await makeParty("isp.example");
const nowMs = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const director = { ...(await directorOf(isp)), expiresMs: nowMs + DAY_MS };
const both = [isp.author, isp.approver];
const CANCEL: Command = { action: "cancel", target: { command: "wc17" }, command_id: "wc17-x" };
const QUERY: Command = { action: "query", target: { features: [] }, command_id: "what" };

async function verify(
  command: Command,
  { created = nowMs, atMs = nowMs, statement = "command" as "command" | "stopping-command", signers = both as readonly Signer[] } = {},
) {
  return verifyCommand(await frameOf(encodeRequest({ created, from: "isp" }, command), statement, signers), { director, nowMs: atMs });
}
const refusedWith = (code: string) => expect.objectContaining({ code });

describe("a verified command", () => {
  test("says who signed it, when, until when it holds, and what its bytes are", async () => {
    const payload = encodeRequest({ created: nowMs, from: "isp" }, QUERY);
    const frame = await frameOf(payload, "command", both);
    const verified = await verifyCommand(frame, { director, nowMs });
    expect(verified).toMatchObject({
      commandId: "what",
      createdMs: nowMs,
      notAfterMs: nowMs + COMMAND_LIFE_MS,
      frame,
      sha256: new Bun.CryptoHasher("sha256").update(payload).digest("hex"),
      persons: [isp.author.person, isp.approver.person],
    });
    expect(await sha256Hex(payload)).toBe(verified.sha256);
    expect(verbOf(verified.command)).toBe("query features");
  });

  test("holds for an hour when it cannot say for how long", async () => {
    expect(COMMAND_LIFE_MS).toBe(3_600_000);
    await verify(QUERY, { atMs: nowMs + COMMAND_LIFE_MS - 1 });
    await expect(verify(QUERY, { atMs: nowMs + COMMAND_LIFE_MS })).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
  });

  test("ends when it says so, to the millisecond", async () => {
    const command = { ...CANCEL, args: { response_requested: "none", "x-swup": { not_after: nowMs + 5 } } } as const;
    expect((await verify(command, { atMs: nowMs + 4 })).notAfterMs).toBe(nowMs + 5);
    await expect(verify(command, { atMs: nowMs + 5 })).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
  });

  test("ends when its profile says so, by the first of two", async () => {
    const stop: Command = { action: "stop", target: { process: { name: "dvrHelper" } }, command_id: "stop" };
    const ending = (args: Command["args"]) => ({ ...stop, args: { response_requested: "none", ...args } }) as const;
    expect((await verify(ending({ "x-iot": { not_after: nowMs + 5 } }))).notAfterMs).toBe(nowMs + 5);
    await expect(verify(ending({ "x-iot": { not_after: nowMs } }))).rejects.toEqual(refusedWith("ERR_TRUST_EXPIRED"));
    const ofBoth = (swup: number, iot: number) =>
      verify({
        ...CANCEL,
        args: { response_requested: "none", "x-swup": { not_after: nowMs + swup }, "x-iot": { not_after: nowMs + iot } },
      });
    expect((await ofBoth(7, 5)).notAfterMs).toBe(nowMs + 5);
    expect((await ofBoth(5, 7)).notAfterMs).toBe(nowMs + 5);
  });

  test("from a future that its director reaches is believed: a device without a clock sees nothing else", async () => {
    await verify(QUERY, { created: nowMs + DAY_MS - 1 });
    await expect(verify(QUERY, { created: nowMs + DAY_MS })).rejects.toEqual(refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"));
  });

  test("counts until its director has expired", async () => {
    await verify(QUERY, { created: nowMs + DAY_MS - 1, atMs: nowMs + DAY_MS - 1 });
    await expect(verify(QUERY, { created: nowMs + DAY_MS - 1, atMs: nowMs + DAY_MS })).rejects.toEqual(
      refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"),
    );
  });
});

describe("one person", () => {
  const alone = { statement: "stopping-command", signers: [isp.approver] } as const;

  test("may cancel, also when the director has expired", async () => {
    expect((await verify(CANCEL, alone)).persons).toEqual([isp.approver.person]);
    await verify(CANCEL, { ...alone, created: nowMs + DAY_MS, atMs: nowMs + DAY_MS });
  });

  test("may do nothing else under that name", async () => {
    await expect(verify(QUERY, alone)).rejects.toEqual(refusedWith("ERR_TRUST_COMMAND"));
  });

  test("is not two because the second signature is of the lesser kind", async () => {
    const payload = encodeRequest({ created: nowMs, from: "isp" }, CANCEL);
    const [full, lesser] = await Promise.all(
      (["command", "stopping-command"] as const).map(async (kind, index) =>
        JSON.parse(new TextDecoder().decode(await frameOf(payload, kind, [both[index] as Signer]))),
      ),
    );
    for (const signatures of [
      [...full.signatures, ...lesser.signatures],
      [...lesser.signatures, ...full.signatures],
    ]) {
      const frame = new TextEncoder().encode(JSON.stringify({ payload: full.payload, signatures }));
      await expect(verifyCommand(frame, { director, nowMs })).rejects.toEqual(refusedWith("ERR_TRUST_STATEMENT"));
    }
  });
});

describe("under the signatures of two, nobody obeys", () => {
  const signedBytes = async (payload: Uint8Array) => verifyCommand(await frameOf(payload, "command", both), { director, nowMs });
  const edited = (edit: (body: Record<string, unknown>, headers: Record<string, unknown>) => void) => {
    const message = JSON.parse(new TextDecoder().decode(encodeRequest({ created: nowMs, from: "isp" }, QUERY)));
    edit(message.body.openc2.request, message.headers);
    return new TextEncoder().encode(JSON.stringify(message));
  };

  test.each<readonly [string, Uint8Array, string]>([
    ["a command without a command_id", edited((command) => void delete command["command_id"]), "ERR_TRUST_COMMAND"],
    ["a command that does not say when it was made", edited((_, headers) => void delete headers["created"]), "ERR_TRUST_COMMAND"],
    ["a response", encodeResponse({ created: nowMs, from: "isp" }, { status: 200 }), "ERR_TRUST_COMMAND"],
  ])("%s", async (_, payload, code) => {
    await expect(signedBytes(payload)).rejects.toEqual(refusedWith(code));
  });

  test.each([
    ["an empty command_id", edited((command) => Object.assign(command, { command_id: "" }))],
    ["two targets", edited((command) => Object.assign(command, { target: { features: [], command: "x" } }))],
    ["text", new TextEncoder().encode("query features")],
  ])("%s", async (_, payload) => {
    await expect(signedBytes(payload)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_(TRUST_COMMAND|OPENC2_)/) });
  });
});
