/** `edict keys` with the real command: a person at a terminal, a script with a file, and what must not happen. */
import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const EDICT = join(import.meta.dir, "../../../src/cli/main.ts");
const directory = mkdtempSync(join(tmpdir(), "edict-keys-"));
const key = (person: string) => join(directory, "keys", `${person}.pem`);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `passphrases` go through a pipe, one a line. */
async function edict(passphrases: readonly string[], args: readonly string[], env: Record<string, string> = {}) {
  const options = ["--state", directory, "--json", ...(passphrases.length > 0 ? ["--passphrase-file", "/dev/stdin"] : [])];
  const child = Bun.spawn([process.execPath, EDICT, ...options, ...args], {
    stdin: new TextEncoder().encode(passphrases.map((line) => `${line}\n`).join("")),
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...env },
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, err, result: JSON.parse(out) };
}

/** Types each answer when its question is there; resolves with everything that the screen showed. */
async function atTerminal(answers: readonly (readonly [string, string])[], args: readonly string[]): Promise<string> {
  const left = [...answers];
  let screen = "";
  let unanswered = 0;
  const decoder = new TextDecoder();
  const child = Bun.spawn([process.execPath, EDICT, "--state", directory, ...args], {
    terminal: {
      cols: 200,
      rows: 50,
      data: (terminal, data) => {
        screen += decoder.decode(data);
        const [next] = left;
        if (next === undefined || !screen.slice(unanswered).includes(next[0])) return;
        unanswered = screen.length;
        left.shift();
        terminal.write(`${next[1]}\r`);
      },
    },
  });
  await child.exited;
  return screen;
}

test("a person types a passphrase twice; it is never shown, and the key is readable by its owner only", async () => {
  const typed = "pleasant tin whistle";
  const screen = await atTerminal(
    [
      ["new passphrase of anna", typed],
      ["the same again", typed],
    ],
    ["keys", "new", "anna"],
  );
  expect(screen).toContain("Made the key ");
  expect(screen).not.toContain("whistle");
  expect(statSync(key("anna")).mode & 0o777).toBe(0o600);
  expect(readFileSync(key("anna"), "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
});

test("two that differ make no key, and neither does a short one", async () => {
  const screen = await atTerminal(
    [
      ["new passphrase of carl", "pleasant tin whistle"],
      ["the same again", "pleasant tin whistlf"],
    ],
    ["keys", "new", "carl"],
  );
  expect(screen).toContain("ERR_CLI_PASSPHRASE");
  const short = await edict(["eleven char"], ["keys", "new", "carl"]);
  expect([short.status, short.result.error.code]).toEqual([1, "ERR_CLI_PASSPHRASE"]);
  expect((await edict([], ["keys", "show", "carl"])).result.error.code).toBe("ERR_CLI_KEY");
});

test("list and show ask for nothing; the public half is what others get", async () => {
  const { result: list } = await edict([], ["keys", "list"]);
  expect(list).toMatchObject([{ person: "anna", use: "command", protection: "passphrase" }]);
  const { result: shown } = await edict([], ["keys", "show", "anna"]);
  expect(shown).toMatchObject({ kid: list[0].kid, publicJwk: { kty: "OKP", crv: "Ed25519" } });
  expect(shown.publicFile).not.toContain("PRIVATE");
});

test("a passphrase is changed: the old one opens the key no more", async () => {
  expect((await edict(["pleasant tin whistle", "another dozen letters"], ["keys", "passphrase", "anna"])).status).toBe(0);
  const again = await edict(["pleasant tin whistle", "another dozen letters"], ["keys", "passphrase", "anna"]);
  expect([again.status, again.result.error.code]).toEqual([1, "ERR_TRUST_PASSPHRASE"]);
});

test("a passphrase in the environment works, with a warning", async () => {
  const made = await edict([], ["keys", "new", "dora", "--algorithm", "p256", "--for", "root"], {
    EDICT_PASSPHRASE: "pleasant tin whistle",
  });
  expect(made.status).toBe(0);
  expect(made.err).toContain("warning");
  expect(made.result.file).toBe(join(directory, "keys/root/dora.pem"));
});

test("without a terminal, a file or the environment, nobody is waited for", async () => {
  expect((await edict([], ["keys", "new", "emil"])).result.error.code).toBe("ERR_CLI_PASSPHRASE");
});

test("a plain PEM of OpenSSL's is taken over and locked", async () => {
  const { privateKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const base64 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey as CryptoKey)).toBase64();
  writeFileSync(join(directory, "plain.pem"), `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`);
  const imported = await edict(["pleasant tin whistle"], ["keys", "import", "fritz", "--file", join(directory, "plain.pem")]);
  expect(imported.result).toMatchObject({ person: "fritz", protection: "passphrase" });
});

test("attack: a key that others can read is not used, and a name that leads out of the folder is none", async () => {
  chmodSync(key("fritz"), 0o644);
  expect((await edict([], ["keys", "show", "fritz"])).result.error).toMatchObject({ code: "ERR_CLI_KEY" });
  for (const name of ["../anna", "root/dora", ".", "a".repeat(65), ""])
    expect((await edict([], ["keys", "show", name])).result.error.code).toBe("ERR_CLI_USAGE");
});

test("a key is never overwritten", async () => {
  const before = readFileSync(key("anna"), "utf8");
  expect((await edict(["pleasant tin whistle"], ["keys", "new", "anna"])).status).toBe(2);
  expect(readFileSync(key("anna"), "utf8")).toBe(before);
});
