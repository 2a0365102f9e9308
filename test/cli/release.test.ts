/**
 * `edict release` with real processes: a manufacturer whose people sign on machines of their own, a publishing machine with the online
 * keys, and an ISP's depot that copies the result.
 */
import { afterAll, expect, test } from "bun:test";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");
const directory = mkdtempSync(join(tmpdir(), "edict-release-"));
const at = (...names: string[]) => join(directory, ...names);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function edict(state: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, EDICT, "--state", at(state), "--json", ...args], { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, err, result: JSON.parse(out) };
}

async function done(state: string, ...args: string[]) {
  const { status, result } = await edict(state, ...args);
  if (status !== 0) throw new Error(`edict ${args.join(" ")}: ${status}\n${JSON.stringify(result)}`);
  return result;
}

/** Each person has a state directory of their own. */
const key = (person: string) => at(person, "keys", "release", `${person}.pem`);
const [people, online] = [["ann", "bob", "cyd"], "online"];
const two = `2:${people.map(key).join(",")}`;
const workplace = ["--repository", at("repository"), "--keys", at(online, "keys", "release")];
const release = (version: string, counter: string) => {
  const facts = ["--vendor", "famousMaker", "--model", "famousModel", "--version", version, "--counter", counter];
  return [at("new.bin"), ...facts, "--source", "https://updates.famousmaker.example/x"];
};

test("a repository is made of the keys of three people, two of whom sign", async () => {
  writeFileSync(at("new.bin"), crypto.getRandomValues(new Uint8Array(10_000)));
  for (const person of [...people, online]) await done(person, "keys", "new", person, "--for", "release", "--insecure-plain");
  const machine = `1:${key(online)}`;
  const roles = ["--root", two, "--targets", two, "--snapshot", machine, "--timestamp", machine];
  await done(online, "release", "create", ...roles, "--repository", at("repository"), "--bundle", at("first.json"));
  const tooEarly = await edict(online, "release", "publish", at("first.json"), ...workplace);
  expect([tooEarly.status, tooEarly.result.error.code]).toEqual([1, "ERR_DEPOT_THRESHOLD"]);
  expect(tooEarly.result.error.message).toContain("missing of ann, bob, cyd");
  for (const person of ["ann", "cyd"]) await done(person, "release", "sign", at("first.json"), "--key", key(person));
  await done(online, "release", "publish", at("first.json"), ...workplace);
  const { roles: shown } = await done(online, "release", "show", ...workplace);
  expect(shown[0]).toMatchObject({ role: "root", version: 1, threshold: 2, signed: ["ann", "cyd"], others: ["bob"] });
}, 60_000);

test("a release is drafted, shown, signed side by side and published; another person's word is not enough alone", async () => {
  await done(online, "release", ...release("2.3.4", "2"), ...workplace, "--bundle", at("ann.json"));
  copyFileSync(at("ann.json"), at("bob.json"));
  const shown = await done("ann", "release", "sign", at("ann.json"));
  expect(shown.changes.join()).toContain("adds famousMaker famousModel 2.3.4 counter 2");
  expect(shown.isComplete).toBe(false);
  for (const person of ["ann", "bob"]) await done(person, "release", "sign", at(`${person}.json`), "--key", key(person));
  expect((await edict(online, "release", "publish", at("bob.json"), ...workplace)).result.error.code).toBe("ERR_DEPOT_THRESHOLD");
  await done(online, "release", "publish", at("ann.json"), at("bob.json"), ...workplace);
  expect(await done(online, "release", "verify", ...workplace)).toMatchObject({ ok: true, releases: [{ version: "2.3.4", counter: 2 }] });
}, 60_000);

test("roles change hands: rotated, delegated, revoked, renewed", async () => {
  const through = async (file: string, signers: string[], ...change: string[]) => {
    await done(online, "release", ...change, ...workplace, "--bundle", at(file));
    for (const person of signers) await done(person, "release", "sign", at(file), "--key", key(person));
    return done(online, "release", "publish", at(file), ...workplace);
  };
  await done("dan", "keys", "new", "dan", "--for", "release", "--insecure-plain");
  const dans = `1:${key("dan")}`;
  const ofModel = ["--vendor", "famousMaker", "--model", "famousModel"];
  await through("d.json", ["ann", "bob", "dan"], "delegate", "cam", ...ofModel, "--to", dans);
  await through("e.json", ["dan"], ...release("2.4.0", "3"), "--delta-from", "2.3.4");
  expect((await done(online, "release", "show", ...workplace)).releases).toMatchObject([{ role: "targets" }, { role: "cam" }]);
  const withdrawn = await through("w.json", ["dan"], "withdraw", "2.4.0", ...ofModel);
  const removed = withdrawn.changes.filter((line: string) => line.includes("removes")).join();
  expect(removed).toMatch(/removes famousMaker famousModel 2\.4\.0 counter 3.*removes a delta from /);
  expect((await done(online, "release", "show", ...workplace)).releases).toMatchObject([{ release: { version: "2.3.4" } }]);
  await through("f.json", ["ann", "bob"], "revoke", "cam");
  await through("g.json", ["ann", "bob", "dan"], "rotate", "root", "--to", `2:${["ann", "bob", "dan"].map(key).join(",")}`);
  await through("h.json", ["ann", "bob", "dan"], "renew", "root", "targets");
  const { changes } = await done(online, "release", "renew", ...workplace, "--within", "0");
  expect(changes).toEqual([]);
  const late = await edict(online, "release", "show", ...workplace, "--warn", "60");
  expect([late.status, late.result.due]).toEqual([5, ["timestamp"]]);
}, 180_000);

test("a depot copies it, and holds nothing that signs", async () => {
  const pinned = ["--pinned", at("repository", "metadata", "1.root.json")];
  expect(await done("isp", "release", "mirror", at("repository"), ...pinned)).toMatchObject({ releases: [{ version: "2.3.4" }] });
  expect(await done("isp", "release", "verify")).toMatchObject({ ok: true });
  cpSync(at("repository"), at("forged"), { recursive: true });
  const timestamp = at("forged", "metadata", "timestamp.json");
  writeFileSync(timestamp, readFileSync(timestamp, "utf8").replace(/"version":\d+/, '"version":99'));
  const forged = await edict("isp", "release", "mirror", at("forged"));
  expect([forged.status, forged.result.error.code]).toEqual([1, "ERR_DEPOT_METADATA_SIGNATURE"]);
  expect(await done("isp", "release", "verify")).toMatchObject({ ok: true });
}, 60_000);

test("what a person gets wrong is said", async () => {
  const cases = [
    [["release", "rotate", "root", "--to", "ann.pem", ...workplace], "ERR_CLI_USAGE"],
    [["release", "rotate", "root", "--to", `3:${key("ann")},${key("bob")}`, ...workplace], "ERR_DEPOT_ROLE"],
    [["release", "withdraw", "2.4.0", "--vendor", "famousMaker", "--model", "famousModel", ...workplace], "ERR_DEPOT_RELEASE"],
    [["release", "sign", at("new.bin")], "ERR_DEPOT_BUNDLE"],
    [["release", "sign", at("nothing.json")], "ERR_CLI_FILE"],
    [["release", "show", "--repository", at("nowhere")], "ERR_DEPOT_REPOSITORY"],
  ] as const;
  for (const [args, code] of cases) {
    const { status, result } = await edict(online, ...args);
    expect([args[1], status > 0, result.error?.code]).toEqual([args[1], true, code]);
  }
}, 60_000);
