/** A key that stays in its token signs a campaign, and the manager and a device believe it like every other. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptSignatures } from "../../../src/campaign/approval.ts";
import { keyPath, openKey, readKey, saveKey } from "../../../src/cli/keys/key-ring.ts";
import { readTokenKey, tokenSigner } from "../../../src/cli/keys/pkcs11/token-signer.ts";
import { type Holder, makeDirector, type Signer, writeTokenFile } from "../../../src/trust/sign/index.ts";
import { verifyCommand } from "../../../src/trust/verify/index.ts";
import { author, draftOf, signed } from "../../campaign/people.ts";
import { T0 } from "../../campaign/world.ts";
import { makeToken, PIN, tokenSkipReason } from "./softhsm.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-token-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(tokenSkipReason !== "")(`a P-256 key in a PKCS #11 token${tokenSkipReason}`, () => {
  let uri = "";
  let holder: Holder;
  beforeAll(async () => {
    uri = makeToken(directory, "approver");
    holder = await readTokenKey("approver@isp.example", uri);
  });

  test("approves a campaign: manager and device accept its signatures, and no private key was ever in a file", async () => {
    const file = keyPath(directory, "approver@isp.example");
    saveKey(file, await writeTokenFile(holder, uri));
    expect(await Bun.file(file).text()).not.toContain("PRIVATE");
    const approver = await openKey(await readKey(file), { ask: async () => PIN, askNew: async () => "" });
    const director = makeDirector({ name: "isp.example", version: 1, signers: [author, approver] });
    const { campaign } = await draftOf(20);
    const approved = await acceptSignatures(campaign, await signed(campaign, [author, approver]), director);
    expect(approved).toMatchObject({ state: "approved", signedBy: ["author@isp.example", "approver@isp.example"] });
    const verified = await verifyCommand(new TextEncoder().encode(approved.signed.mass), { director, nowMs: T0 });
    expect(verified.persons).toEqual(["author@isp.example", "approver@isp.example"]);
  });

  test("a wrong PIN signs nothing", async () => {
    await expect(tokenSigner(holder, uri, "0000-0000").sign(new Uint8Array(3))).rejects.toMatchObject({ code: "ERR_CLI_TOKEN" });
  });

  test("the PIN is in no argument, where others on the machine would see it", async () => {
    const log = join(directory, "arguments");
    writeFileSync(join(directory, "pkcs11-tool"), `#!/bin/sh\necho "$@" >> ${log}\nexec ${Bun.which("pkcs11-tool")} "$@"\n`, {
      mode: 0o755,
    });
    const module = join(import.meta.dir, "../../../src/cli/keys/pkcs11/token-signer.ts");
    const given = [holder, uri, PIN].map((value) => JSON.stringify(value)).join();
    const script = `import { tokenSigner } from "${module}"; await tokenSigner(${given}).sign(new Uint8Array(3));`;
    const env = { ...process.env, PATH: `${directory}:${process.env["PATH"]}` };
    expect(Bun.spawnSync([process.execPath, "-e", script], { env }).exitCode).toBe(0);
    const seen = await Bun.file(log).text();
    expect(seen).toContain("--sign");
    expect(seen).not.toContain(PIN);
  });

  test.each([
    ["another token", (good: string) => good.replace("edict%20test", "elsewhere"), "ERR_CLI_TOKEN"],
    ["another key", (good: string) => good.replace("object=approver", "object=nobody"), "ERR_CLI_TOKEN"],
    ["no module", (good: string) => good.split("?")[0] ?? "", "ERR_CLI_USAGE"],
    ["no PKCS #11 URI", () => "file:/etc/passwd", "ERR_CLI_USAGE"],
  ])("%s is refused", async (_, change, code) => {
    await expect(readTokenKey("x", change(uri))).rejects.toMatchObject({ code });
  });

  test("a signer of the token is a signer like any other", () => {
    const signer: Signer = tokenSigner(holder, uri, PIN);
    expect(signer).toMatchObject({ person: "approver@isp.example", kid: holder.kid });
  });
});
