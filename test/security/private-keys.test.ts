/**
 * Nobody can point to a private key on the platform that a device obeys: a manager with depot and upstream port, a gateway in workers of its own
 * and a campaign under way are searched, every file, argument, environment and byte of memory. People's keys are elsewhere, as
 * docs/operate/keys.md asks; on the one machine of a trial `keys/`, `repository-keys/` and `ca/authority.key` lie beside the server,
 * which reads none of them. Keys that prove an identity and that nobody obeys (the server's, for TLS) are there, and are found.
 */
import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JWK } from "jose";
import { formsOf } from "../../lab/attack/keys/forms.ts";
import { NeedleSearch } from "../../lab/attack/keys/needles.ts";
import { obeyedKeys, privateJwk } from "../../lab/attack/keys/obeyed.ts";
import { canReadMemory } from "../../lab/attack/keys/process-memory.ts";
import { type Finding, searchFolder, searchProcess } from "../../lab/attack/keys/search.ts";
import { Field } from "../../lab/story/field.ts";
import { type GatewayProcess, startGatewayWorkers } from "../../lab/story/serve-process.ts";
import { makeAlike, MODEL, OLD_VERSION, VENDOR } from "../../lab/story/webcams.ts";
import { makeContext } from "../../src/cli/context.ts";
import { signerOf } from "../../src/cli/keys/key-ring.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { signCampaign } from "../../src/cli/signing.ts";
import { readRunning } from "../../src/server/state-directory.ts";
import { createAuthority } from "../../src/trust/sign/certificate-authority.ts";

const DEVICES = 24;
const SKIPPED = canReadMemory ? "" : " (skipped: only Linux shows the memory of a process)";
const directory = mkdtempSync(join(tmpdir(), "edict-keys-"));
const state = join(directory, "state");
const elsewhere = join(directory, "elsewhere");

let field: Field;
let gateway: GatewayProcess;
let obeyed: Map<string, JWK>;
let serverKey: JWK;

beforeAll(async () => {
  mkdirSync(elsewhere);
  const fleet = makeAlike(DEVICES);
  field = await Field.make({ directory: state, fleet, misfits: [], seed: 5, payloadBytes: 64 * 1024 });
  const { paths } = field.world.state;
  const people = await Promise.all(["author", "approver"].map((person) => signerOf(makeContext(state, makeOutput(true)), person)));
  obeyed = obeyedKeys(paths);
  serverKey = privateJwk(readFileSync(paths.certificateKey, "utf8"));
  renameSync(paths.keys, join(elsewhere, "keys"));
  renameSync(paths.repositoryKeys, join(elsewhere, "repository-keys"));
  renameSync(paths.authorityKey, join(elsewhere, "authority.key"));
  await openToOrchestrators();

  await field.serve("--no-gateway");
  await field.importDevices(fleet);
  gateway = await startGatewayWorkers(state, 2, join(directory, "gateway.log"));
  await field.connect(field.specs);
  const { campaign } = await field.client().draft({
    command: {
      action: "update",
      target: { "x-swup:software": { vendor: VENDOR, name: MODEL, old_version: OLD_VERSION, new_version: "2.3.4" } },
      command_id: "under-way",
      args: { response_requested: "none" },
    },
    expiresInMs: 600_000,
    ratePerSecond: 1,
    ladder: { canaryCount: 4, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 },
    overrides: { POLICY_MODEL_SHARE: "all of these are this test's" },
  });
  if (campaign === undefined) throw new Error("no draft was kept");
  for (const signer of people) {
    const view = await field.client().campaign(campaign.id);
    await field.client(signer.person).sign(campaign.id, await signCampaign(view, signer));
  }
  await field.until(async () => (await field.client().campaign(campaign.id)).progress.sent >= 2, 60_000);
}, 120_000);

afterAll(async () => {
  await field.end();
  await gateway.end();
  rmSync(directory, { recursive: true, force: true });
});

/** With an upstream port the manager believes one more authority, whose private key it never has. */
async function openToOrchestrators(): Promise<void> {
  const { paths } = field.world.state;
  const upstream = await createAuthority("upstream", { nowMs: Date.now() });
  writeFileSync(join(state, "ca", "upstream.pem"), upstream.certificatePem);
  obeyed.set("authority of orchestrators", privateJwk(upstream.privateKeyPem));
  const config = JSON.parse(readFileSync(paths.config, "utf8")) as object;
  const openc2 = { hostname: "127.0.0.1", port: 0, authority: "ca/upstream.pem", producers: [{ name: "upstream", author: "author" }] };
  writeFileSync(paths.config, JSON.stringify({ ...config, openc2 }));
}

const needlesFor = (keys: Iterable<[string, JWK]>) => new NeedleSearch([...keys].flatMap(([name, jwk]) => formsOf(name, jwk)));

function searchPlatform(needles: NeedleSearch): { found: Finding[]; bytes: number } {
  const manager = readRunning(field.world.state.paths)?.pid ?? 0;
  const processes = [
    searchProcess(manager, "manager", needles),
    ...gateway.workers.map((pid, index) => searchProcess(pid, `worker ${index + 1}`, needles)),
  ];
  const bytes = processes.reduce((sum, one) => sum + one.bytes, 0);
  return { found: [...searchFolder(state, needles), ...processes.flatMap(({ found }) => found)], bytes };
}

test.skipIf(!canReadMemory)(
  `no file, argument, environment or memory of the platform holds a key that a device obeys${SKIPPED}`,
  () => {
    // Two command keys, three of the director's root, three of the owner, four of the repository, two authorities.
    expect(obeyed.size).toBe(14);
    const { found, bytes } = searchPlatform(needlesFor(obeyed));
    expect(found).toEqual([]);
    // A manager and two workers, not three empty files.
    expect(bytes).toBeGreaterThan(3 * 20 * 1024 * 1024);
  },
  60_000,
);

test.skipIf(!canReadMemory)(
  `the same search finds the one private key that the platform does have${SKIPPED}`,
  () => {
    const { found } = searchPlatform(needlesFor([["server", serverKey]]));
    const places = new Set(found.map(({ where }) => where));
    expect(places).toContain(join(state, "ca", "server.key"));
    for (const name of ["manager", "worker 1", "worker 2"]) expect(places).toContain(`memory of ${name}`);
  },
  60_000,
);

test("planted in a file, in whatever form, a key is found", () => {
  const folder = join(directory, "planted");
  mkdirSync(folder);
  for (const [name, jwk] of obeyed) {
    const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
    const d = Buffer.from(jwk.d ?? "", "base64url");
    const forms: readonly (readonly [string, string | Uint8Array])[] = [
      ["pem", key.export({ type: "pkcs8", format: "pem" })],
      ["der", new Uint8Array(key.export({ type: "pkcs8", format: "der" }))],
      ["jwk", JSON.stringify(jwk)],
      ["raw", Buffer.concat([Buffer.from("before"), d])],
      ["hex", `key=${d.toString("hex")}`],
      ["pem in json", JSON.stringify({ note: `it is ${key.export({ type: "pkcs8", format: "pem" }).toString()}` })],
    ];
    for (const [form, content] of forms) {
      const file = join(folder, form);
      writeFileSync(file, content);
      const found = searchFolder(folder, needlesFor(obeyed));
      expect([name, form, ...new Set(found.map(({ key: whose }) => whose))]).toEqual([name, form, name]);
      rmSync(file);
    }
  }
}, 60_000);

test("planted in a row of a database, a key is found", () => {
  const folder = join(directory, "planted-database");
  mkdirSync(folder);
  const database = new Database(join(folder, "edict.db"), { create: true });
  database.run("pragma journal_mode = wal");
  database.run("create table notes (text)");
  const [[name, jwk] = ["", {}]] = obeyed;
  database.run("insert into notes values (?)", [JSON.stringify({ jwk })]);
  const found = searchFolder(folder, needlesFor(obeyed));
  database.close();
  expect(new Set(found.map(({ key }) => key))).toEqual(new Set([name]));
});

test.skipIf(!canReadMemory)(
  `planted in the environment or in the memory of a process, a key is found${SKIPPED}`,
  async () => {
    const [[name, jwk] = ["", {}]] = obeyed;
    const program =
      'const key = Uint8Array.fromBase64((await Bun.stdin.text()).trim(), {alphabet: "base64url"}); console.log("held"); setInterval(() => key.at(0), 1000);';
    const child = Bun.spawn([process.execPath, "-e", program], {
      stdin: new Blob([jwk.d ?? ""]),
      stdout: "pipe",
      env: { ...process.env, PLANTED: JSON.stringify(jwk) },
    });
    try {
      await child.stdout.getReader().read();
      const { found } = searchProcess(child.pid, "child", needlesFor(obeyed));
      expect(found).toContainEqual({ key: name, form: "base64url", where: "environ of child" });
      expect(found).toContainEqual({ key: name, form: "raw", where: "memory of child" });
    } finally {
      child.kill();
      await child.exited;
    }
  },
  60_000,
);
