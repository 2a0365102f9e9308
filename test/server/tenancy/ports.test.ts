/**
 * Abuse case 7, over real TLS: two tenants in one manager. A certificate of one never becomes a device of the other, at the gateway, on a
 * resumed session, at the depot; and a token opens one API.
 */
import "reflect-metadata";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient } from "../../../src/server/client.ts";
import { type Manager, startManager } from "../../../src/server/manager.ts";
import type { ServedTenant } from "../../../src/server/serve-tenant.ts";
import { readRunning, type StatePaths, statePaths } from "../../../src/server/state-directory.ts";
import { type Issued, issueDevice, loadAuthority } from "../../../src/trust/sign/certificate-authority.ts";
import { TestDevice } from "../../channel/device.ts";
import { type Dialled, dialNode } from "../../channel/dial-node.ts";
import { clock, factsOf, log, makeState, tokenOf } from "./world.ts";

/** Both tenants know a device of this name. */
const DEVICE = "urn:dev:ops:32473-cam-7";
const directory = mkdtempSync(join(tmpdir(), "edict-ports-"));
const pathsOf = ({ directory: state }: ServedTenant): StatePaths => statePaths(state);
const read = (file: string) => readFileSync(file, "utf8");
let manager: Manager;
let a: ServedTenant;
let b: ServedTenant;

beforeAll(async () => {
  const [first, second] = [join(directory, "a"), join(directory, "b")];
  await makeState(first, "a.example");
  await makeState(second, "b.example");
  manager = await startManager({ directory: first, alsoTenants: [second], hasGateway: true, clock, random: Math.random, log });
  const [other] = manager.others;
  if (other === undefined) throw new Error("the second tenant was not started");
  [a, b] = [manager, other];
  for (const tenant of [a, b]) await client(tenant).importDevices(JSON.stringify(factsOf(DEVICE, tenant.tenant)), "jsonl");
}, 60_000);

afterAll(async () => {
  await manager.stop();
  rmSync(directory, { recursive: true, force: true });
});

function client(of: ServedTenant, token = tokenOf(pathsOf(of), "author")): ApiClient {
  return new ApiClient({ url: `https://127.0.0.1:${of.ports.api}`, caPem: read(pathsOf(of).authority), token });
}

async function issue(by: ServedTenant): Promise<Issued> {
  const { authority, authorityKey } = pathsOf(by);
  return issueDevice(await loadAuthority(read(authority), read(authorityKey)), { id: DEVICE, nowMs: Date.now() });
}

function dial(at: ServedTenant, identity: Issued): Promise<TestDevice> {
  return TestDevice.dial({ port: at.ports.gateway, caPem: read(pathsOf(at).authority), identity });
}

const refusals = async (at: ServedTenant) => (await client(at).gateway()).total.refusals["ERR_CHANNEL_CERTIFICATE_CHAIN"] ?? 0;

/** A hostile device does not mind who the server is. */
function dialAnyway(at: ServedTenant, identity: Issued, session?: Buffer): Promise<Dialled> {
  return dialNode(at.ports.gateway, identity, { rejectUnauthorized: false, ...(session && { session }) });
}

describe("abuse case 7, attack: the certificate of one tenant", () => {
  test("stands at its own gateway; at the other it is refused, although both fleets have the name", async () => {
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const identity = await issue(own);
      const before = await refusals(other);
      const intruder = await dial(other, identity);
      expect(await intruder.opened).toBe(false);
      expect(await refusals(other)).toBe(before + 1);
      expect((await client(other).status()).connected).toBe(0);
      const device = await dial(own, identity);
      expect(await device.opened).toBe(true);
      device.leave();
      await device.closed;
      while ((await client(own).status()).connected > 0) await Bun.sleep(20);
    }
  }, 30_000);

  test("a session that its own gateway gave is not taken up at the other", async () => {
    const identity = await issue(a);
    const own = await dialAnyway(a, identity);
    expect(own.answer).toStartWith("HTTP/1.1 101");
    const again = await dialAnyway(a, identity, own.session);
    expect([again.isReused, again.answer.slice(0, 12)]).toEqual([true, "HTTP/1.1 101"]);
    const before = await refusals(b);
    expect((await dialAnyway(b, identity, own.session)).answer).toBe("");
    expect(await refusals(b)).toBe(before + 1);
  }, 30_000);

  test("opens no connection to the other's depot", async () => {
    const status = (at: ServedTenant, identity: Issued) =>
      new Promise<number | undefined>((resolve) => {
        const { certificatePem: cert, privateKeyPem: key } = identity;
        const asked = request({
          host: "127.0.0.1",
          port: at.ports.depot,
          path: "/metadata/timestamp.json",
          agent: false,
          rejectUnauthorized: false,
          cert,
          key,
        });
        asked.on("response", (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asked.on("error", () => resolve(undefined));
        asked.end();
      });
    const identity = await issue(a);
    expect(await status(a, identity)).toBe(200);
    expect(await status(b, identity)).toBeUndefined();
  });
});

test("abuse case 7, attack: the tokens of one tenant open nothing of the other's", async () => {
  for (const person of ["author", "approver", "issuer", "monitor"]) {
    const stolen = client(b, tokenOf(pathsOf(a), person));
    await expect(stolen.status()).rejects.toMatchObject({ code: "ERR_SERVER_UNAUTHORISED" });
    await expect(stolen.denied()).rejects.toMatchObject({ code: "ERR_SERVER_UNAUTHORISED" });
  }
});

test("people who are pinned to one tenant's authority do not talk to the other's API by mistake", async () => {
  const mistaken = new ApiClient({
    url: `https://127.0.0.1:${b.ports.api}`,
    caPem: read(pathsOf(a).authority),
    token: tokenOf(pathsOf(a), "author"),
  });
  await expect(mistaken.status()).rejects.toThrow(/certificate/);
});

test("each tenant is found by its own directory, and all end together", async () => {
  expect([a, b].map((tenant) => readRunning(pathsOf(tenant)))).toEqual([a, b].map(({ ports }) => ({ pid: process.pid, ...ports })));
  await manager.stop();
  expect([a, b].map((tenant) => readRunning(pathsOf(tenant)))).toEqual([undefined, undefined]);
});
