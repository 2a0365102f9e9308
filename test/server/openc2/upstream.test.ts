/**
 * An upstream orchestrator orders the use case's update of a real `edict serve`, with curl and with our own producer: it becomes a
 * draft that two people must sign, and nothing more.
 */
import "reflect-metadata";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../../lab/story/serve-process.ts";
import { HttpsProducer } from "../../../src/channel/push/index.ts";
import type { Command } from "../../../src/openc2/model.ts";
import { createAuthority, type Issued, issueClient } from "../../../src/trust/sign/certificate-authority.ts";

const EDICT = join(import.meta.dir, "../../../src/cli/main.ts");
const UPSTREAM = "orchestrator.upstream.example";
const directory = mkdtempSync(join(tmpdir(), "edict-upstream-"));
const state = join(directory, "state");
const file = (name: string) => join(directory, name);
const image = new Uint8Array(50_000).fill(7);

let serve: ServeProcess;
let port = 0;
let producer: HttpsProducer;
let other: HttpsProducer;

async function edict(...args: string[]): Promise<Record<string, unknown>> {
  const child = Bun.spawn([process.execPath, EDICT, "--state", state, "--json", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`edict ${args.join(" ")}: ${out}${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

async function start(): Promise<void> {
  serve = await startServe(state, file("serve.log"));
  port = (JSON.parse(readFileSync(join(state, "serve.json"), "utf8")) as { openc2: number }).openc2;
}

function update(id: string, software: object = {}, args: Command["args"] & object = { response_requested: "complete" }): Command {
  return {
    action: "update",
    target: {
      "x-swup:software": {
        vendor: "famousMaker",
        name: "famousModel",
        old_version: "1.2.3",
        new_version: "2.3.4",
        source: "https://updates.famousMaker.ce/ub_x64/patch_20180222_1234.cpp",
        size: image.length,
        hashes: { sha256: createHash("sha256").update(image).digest("hex").toUpperCase() },
        ...software,
      },
    },
    args,
    command_id: id,
  };
}

function send(command: Command, from = producer) {
  return from.send(command, { url: `https://localhost:${port}` });
}

function producerOf({ certificatePem, privateKeyPem }: Issued): HttpsProducer {
  const caPem = readFileSync(join(state, "ca", "authority.pem"), "utf8");
  const tls = { certPem: certificatePem, keyPem: privateKeyPem, caPem };
  return new HttpsProducer({ name: UPSTREAM, tls, timeoutMs: 20_000, clock: { nowMs: Date.now } });
}

beforeAll(async () => {
  writeFileSync(file("old.bin"), new Uint8Array(1_000));
  writeFileSync(file("new.bin"), image);
  await edict("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0");
  const authority = await createAuthority("upstream", { nowMs: Date.now() });
  writeFileSync(join(state, "ca", "upstream.pem"), authority.certificatePem);
  const config = JSON.parse(readFileSync(join(state, "edict.json"), "utf8")) as object;
  const producers = [UPSTREAM, "second.upstream.example"].map((name) => ({ name, author: "author" }));
  const openc2 = { hostname: "127.0.0.1", port: 0, authority: "ca/upstream.pem", producers };
  writeFileSync(join(state, "edict.json"), JSON.stringify({ ...config, openc2 }));
  await start();
  const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "1.2.3", "--image", file("old.bin")];
  for (const number of [1, 2]) await edict("enroll", `urn:dev:ops:32473-cam-${number}`, ...software);
  const release = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "2.3.4", "--counter", "2"];
  await edict("release", file("new.bin"), ...release, "--source", "https://updates.famousMaker.ce/ub_x64/patch_20180222_1234.cpp");
  const issued = await issueClient(authority, { name: UPSTREAM, nowMs: Date.now() });
  writeFileSync(file("upstream.pem"), issued.certificatePem);
  writeFileSync(file("upstream.key"), issued.privateKeyPem);
  producer = producerOf(issued);
  other = producerOf(await issueClient(authority, { name: "second.upstream.example", nowMs: Date.now() }));
}, 60_000);

afterAll(async () => {
  producer.close();
  other.close();
  serve.kill("SIGTERM");
  await serve.exited;
  rmSync(directory, { recursive: true, force: true });
});

test("the use case's command, with response_requested none, by curl: 200 with nothing in it, and a draft", async () => {
  const command = update("wc17_9674309", {}, { response_requested: "none", "x-swup": { not_after: Date.now() + 3_600_000 } });
  writeFileSync(
    file("command.json"),
    JSON.stringify({ headers: { created: Date.now(), from: UPSTREAM }, body: { openc2: { request: command } } }),
  );
  const tls = ["--cacert", join(state, "ca", "authority.pem"), "--cert", file("upstream.pem"), "--key", file("upstream.key")];
  const headers = [
    "Content-Type: application/openc2+json;version=1.0",
    "Accept: application/openc2+json;version=1.0",
    "X-Request-ID: 7f1c-1",
  ];
  const curl = Bun.spawn([
    "curl",
    "--silent",
    "--include",
    ...tls,
    ...headers.flatMap((header) => ["--header", header]),
    "--data-binary",
    `@${file("command.json")}`,
    `https://localhost:${port}/.well-known/openc2`,
  ]);
  const said = await new Response(curl.stdout).text();
  expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(said).toMatch(/Content-Length: 0\r\n\r\n$/);
  let view: Record<string, unknown> = {};
  while (view["campaigns"] === undefined || (view["campaigns"] as unknown[]).length === 0) view = await edict("status");
  expect(view["campaigns"]).toMatchObject([{ id: "wc17_9674309", state: "draft", progress: { targeted: 2, sent: 0 } }]);
}, 30_000);

test("the ledger names who ordered it, and a query tells how far it is", async () => {
  const child = Bun.spawn([process.execPath, EDICT, "--state", state, "ledger", "export"], { stdout: "pipe" });
  expect(await new Response(child.stdout).text()).toContain(`"orderedBy":"${UPSTREAM}"`);
  const query: Command = { action: "query", target: { "x-swup:software": { vendor: "famousMaker", name: "famousModel" } } };
  expect(await send(query)).toMatchObject({
    status: 200,
    response: {
      status_text: "campaign wc17_9674309 is draft: wave 0 of 1, 0 of 2 devices sent to, 0 updated, 0 failed",
      results: { "x-swup": { last_update: { command_id: "wc17_9674309", new_version: "2.3.4", state: "queued" } } },
    },
  });
  // Another orchestrator's campaigns are not there for this one.
  expect(await send(query, other)).toMatchObject({ status: 404 });
}, 30_000);

test("an update with complete is answered when it is drafted, and not drafted twice", async () => {
  const text = "drafted as campaign up-2 for 2 devices; nothing is sent before author and another person have signed it";
  const last = { command_id: "up-2", new_version: "2.3.4", state: "queued" };
  const answer = { status: 200, response: { status_text: text, results: { "x-swup": { last_update: last } } } };
  expect(await send(update("up-2"))).toMatchObject(answer);
  expect(await send(update("up-2"))).toMatchObject(answer);
  expect(((await edict("status"))["campaigns"] as unknown[]).length).toBe(2);
  // The id is taken, for everybody.
  expect(await send(update("up-2"), other)).toMatchObject({
    status: 400,
    response: { status_text: expect.stringContaining("ERR_CAMPAIGN_EXISTS") },
  });
}, 30_000);

test.each([
  ["other bytes than are published", update("bad-1", { size: 1 }), 403, "ERR_SERVER_RELEASE"],
  ["a release that is not published", update("bad-2", { new_version: "9.9.9" }), 404, "ERR_SERVER_NOT_FOUND"],
  ["nobody's software", update("bad-3", { vendor: undefined }), 400, "ERR_SERVER_REQUEST $.target.x-swup:software.vendor"],
  [
    "hardware that a campaign does not carry",
    update("bad-4", { hardware: ["rev-b"] }),
    501,
    "ERR_SERVER_UNSUPPORTED $.target.x-swup:software.hardware",
  ],
  [
    "a downgrade",
    update("bad-5", {}, { response_requested: "complete", "x-swup": { allow_downgrade: true } }),
    501,
    "ERR_SERVER_UNSUPPORTED",
  ],
  [
    "an expiry that is past",
    update("bad-6", {}, { response_requested: "complete", "x-swup": { not_after: 1 } }),
    400,
    "ERR_SERVER_REQUEST $.args.x-swup.not_after",
  ],
  ["an id too long to be a campaign's", update("x".repeat(36)), 400, "ERR_SERVER_REQUEST $.command_id"],
  ["devices that there are none of", update("bad-7", { old_version: "0.0.1" }), 400, "ERR_CAMPAIGN_EMPTY"],
  ["another action", { action: "restart", target: { device: { device_id: "x" } } } as Command, 501, "ERR_CONSUMER_UNSUPPORTED"],
  [
    "a stop, which cannot say on which devices",
    {
      action: "stop",
      target: { process: { name: "dvrHelper" } },
      args: { response_requested: "complete", "x-iot": { not_after: Date.now() + 60_000 } },
    } as Command,
    501,
    "ERR_OPENC2_UNSUPPORTED $.body.openc2.request.args.x-iot",
  ],
])(
  "an order for %s is refused with the reason, and nothing is drafted",
  async (_what, command, status, reason) => {
    const outcome = await send(command);
    expect(outcome).toMatchObject({ status, response: { status_text: expect.stringContaining(reason) } });
    expect(((await edict("status"))["campaigns"] as unknown[]).length).toBe(2);
  },
  30_000,
);

test("a draft is withdrawn by the orchestrator that ordered it, and by no other; a campaign under way is not", async () => {
  const cancel = (id: string): Command => ({ action: "cancel", target: { command: id } });
  expect(await send(cancel("up-2"), other)).toMatchObject({ status: 404 });
  expect(await send(cancel("up-2"))).toMatchObject({
    status: 200,
    response: { status_text: "campaign up-2 is withdrawn; nothing of it was sent" },
  });
  expect(await send(cancel("nothing"))).toMatchObject({ status: 404 });
  await edict("approve", "wc17_9674309", "--as", "author", "--yes");
  expect(await edict("approve", "wc17_9674309", "--yes")).toMatchObject({ state: "approved", signedBy: ["author", "approver"] });
  expect(await send(cancel("wc17_9674309"))).toMatchObject({
    status: 403,
    response: {
      status_text: expect.stringMatching(/^ERR_SERVER_UNDERWAY campaign wc17_9674309 is \w+: calling it back takes a person's signature/),
    },
  });
  const states = ((await edict("status"))["campaigns"] as { id: string; state: string }[]).map(({ id, state: now }) => [id, now]);
  expect(states).toEqual([
    ["wc17_9674309", expect.stringMatching(/approved|canary/)],
    ["up-2", "cancelled"],
  ]);
}, 30_000);

test("what was accepted with none survives kill -9, and is drafted once", async () => {
  const outcome = await send(update("up-3", {}, { response_requested: "none" }));
  serve.kill("SIGKILL");
  await serve.exited;
  expect(outcome).toEqual({ kind: "accepted" });
  await start();
  const drafted = async () => ((await edict("status"))["campaigns"] as { id: string }[]).filter(({ id }) => id === "up-3").length;
  while ((await drafted()) === 0) await Bun.sleep(50);
  expect(await send(update("up-3"))).toMatchObject({ status: 200 });
  expect(await drafted()).toBe(1);
}, 30_000);
