/** Devices through the management API: imports, exports, what is known of one, and orders of versions in a cohort query. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishRelease, type RepositoryKeys } from "../../src/depot/repository.ts";
import type { DraftView } from "../../src/server/api/views.ts";
import { API_BODY_BYTES_MAX } from "../../src/server/limits.ts";
import { factsOf, Side } from "./tenancy/world.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-devices-"));
const ID = "urn:dev:ops:32473-cam/1";
let side: Side;

beforeAll(async () => {
  side = await Side.open(directory, "a.example");
  const { repositoryKeys, depot } = side.tenant.state.paths;
  const keys = JSON.parse(readFileSync(join(repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  const release = {
    vendor: "famousMaker",
    name: "famousModel",
    version: "2.10.0",
    counter: 3,
    hardware: [],
    source: "https://updates.famousmaker.ce/patch",
  };
  await publishRelease(depot, { keys, release, image: new Uint8Array(1_000), nowMs: Date.now() });
});

afterAll(() => {
  side.tenant.database.close();
  rmSync(directory, { recursive: true, force: true });
});

test("an import says who asked and what became of it; a device says who said what is known of it", async () => {
  const id = await side.import([ID]);
  expect(await side.done("GET", `/devices/imports/${id}`)).toMatchObject({ id, state: "kept", who: "author", added: 1, updated: 0 });
  expect(await side.done("GET", `/devices/${encodeURIComponent(ID)}`)).toMatchObject({
    device: { id: ID, region: "here" },
    said: { software: { source: "import", who: "author" }, others: { source: "import", who: "author" } },
  });
});

test.each(["csv", "jsonl"])("an export in %s is an import that changes nothing", async (format) => {
  const { status, text } = await side.call("GET", `/devices?format=${format}&query=region==here`);
  expect([status, text.includes(ID)]).toEqual([200, true]);
  const before = side.contents("device_import", "device");
  expect(await side.done("POST", `/devices?format=${format}`, text)).toMatchObject({ state: "kept", added: 0, updated: 1 });
  expect(side.contents("device_import", "device")).toBe(before);
  expect((await side.call("GET", `/devices?format=${format}&query=region==elsewhere`)).text).not.toContain(ID);
});

test("a version is before another if it was published with a lower counter, whatever their texts", async () => {
  const rows = [ID, "urn:dev:ops:32473-cam-2"].map((id, index) =>
    JSON.stringify({ ...factsOf(id, "a.example"), version: ["2.3.4", "2.2.0"][index] }),
  );
  await side.done("POST", "/devices?format=jsonl", rows.join("\n"));
  const software = { vendor: "famousMaker", name: "famousModel", new_version: "2.10.0" };
  const draft = (query: string, id: string) => ({
    command: { action: "update", target: { "x-swup:software": software }, args: { response_requested: "none" }, command_id: id },
    expiresInMs: 600_000,
    query,
  });
  // 2.2.0 was never published: it stands in no order.
  const { dryRun, campaign } = (await side.done("POST", "/campaigns", draft("version=lt=2.10.0", "ordered"))) as DraftView;
  expect([dryRun.devices, dryRun.leftOut["outside the query"]]).toEqual([1, 1]);
  // The policy gate asks the same query again.
  await side.done("GET", `/campaigns/${campaign?.id}/policy`);
  const { status, text } = await side.call("POST", "/campaigns", draft("version=lt=9.9", "unordered"));
  expect([status, text]).toEqual([400, expect.stringContaining("ERR_FLEET_QUERY_ORDER")]);
});

test("attack: a body without end for a route that takes a statement is refused as the sender's fault, with and without its length", async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  let left = API_BODY_BYTES_MAX / chunk.length + 1;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
  });
  for (const [body, length] of [[endless], ["{}", String(API_BODY_BYTES_MAX + 1)]] as const) {
    const response = await side.tenant.api.request("https://manager.example/api/v1/deny", {
      method: "POST",
      headers: { authorization: `Bearer ${side.token("author")}`, ...(length !== undefined && { "content-length": length }) },
      body,
    });
    const { error } = (await response.json()) as { error: object };
    expect([response.status, error]).toEqual([400, expect.objectContaining({ code: "ERR_SERVER_REQUEST", retry: false })]);
  }
});
