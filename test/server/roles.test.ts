/** What each kind of token opens, tried on every route of the API. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Side } from "./tenancy/world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-roles-"));
let side: Side;
let routes: readonly (readonly [string, string])[];

beforeAll(async () => {
  side = await Side.open(join(directory, "state"), "isp.example");
  const { paths } = (await side.done("GET", "/openapi.json")) as { paths: Record<string, object> };
  routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [method.toUpperCase(), path.replace("/api/v1", "").replaceAll(/\{\w+\}/g, "x")] as const),
  );
}, 30_000);

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The routes that this token does not find forbidden. */
async function openTo(person: string): Promise<readonly string[]> {
  const open: string[] = [];
  for (const [method, path] of routes) {
    const { status, text } = await side.call(method, path, method === "POST" ? {} : undefined, person);
    if (status !== 403) open.push(`${method} ${path}`);
    else expect(JSON.parse(text).error.code).toBe("ERR_SERVER_FORBIDDEN");
  }
  return open.toSorted();
}

const ISSUERS = ["POST /enrolment/certificates", "POST /enrolment/claims"];

test("a monitor's token reads status and metrics, and nothing else", async () => {
  const before = side.contents();
  expect(await openTo("monitor")).toEqual(["GET /metrics", "GET /status"]);
  expect(await side.done("GET", "/status", undefined, "monitor")).toMatchObject({ tenant: "isp.example", devices: 0 });
  expect((await side.call("GET", "/metrics", undefined, "monitor")).text).toContain("edict_gateway_channels 0");
  for (const method of ["POST", "PUT", "DELETE", "HEAD"])
    expect((await side.call(method, "/status", undefined, "monitor")).status).toBe(403);
  expect(side.contents()).toBe(before);
});

test("the issuing process's token claims and records, and nothing else", async () => {
  expect(await openTo("issuer")).toEqual(ISSUERS);
});

test("a person's token opens everything but that", async () => {
  const all = routes.map(([method, path]) => `${method} ${path}`);
  expect(await openTo("author")).toEqual(all.filter((route) => !ISSUERS.includes(route)).toSorted());
});
