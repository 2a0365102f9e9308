/** The gateway in two real worker processes, a campaign sent through both: the manager's figures are the sum, also when one dies. */
import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Field } from "../../../lab/story/field.ts";
import { ServedField } from "../../story/served-field.ts";
import { readTextFormat } from "./text-format.ts";

const DEVICES = 24;
let served: ServedField | undefined;

afterAll(() => served?.end());

function fetchMetrics({ world: { state, ports } }: Field, token: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`https://127.0.0.1:${ports.api}/api/v1/metrics`, { headers, tls: { ca: state.tls.caPem } });
}

/** `name` without what names of the gateway begin with; others whole. */
async function metrics(running: Field): Promise<(name: string, labels?: string) => number> {
  const token = readFileSync(join(running.world.state.paths.tokens, "author.token"), "utf8").trim();
  const families = readTextFormat(await (await fetchMetrics(running, token)).text());
  return (name, labels = "") => families.get(name.startsWith("edict_") ? name : `edict_gateway_${name}`)?.series.get(labels) ?? Number.NaN;
}

test("counts and levels of two workers are added; when one dies its channels go and its counts stay", async () => {
  served = await ServedField.make(DEVICES, "--no-gateway");
  const { field: running } = served;
  expect((await fetchMetrics(running, "guessed")).status).toBe(401);
  const gateway = await served.startWorkers(2);
  await running.connect(running.specs);
  await served.order("counted", { ladder: { canaryCount: 4, soakMs: 0, settleMaxMs: 60_000, settledShare: 1 } });
  const isDone = async () => (await running.client().campaign("counted")).state === "done";
  // Workers tell their figures once a second: those of before the last wave would do for the channels alone.
  const isTold = (figure: Awaited<ReturnType<typeof metrics>>) =>
    figure("channels") === DEVICES && figure("commands_sent_total") >= DEVICES && figure("channels_opened_total") >= 2 * DEVICES;
  await running.until(async () => (await isDone()) && isTold(await metrics(running)), 90_000);

  const view = await running.client().gateway();
  expect(view.parts.map(({ part }) => part).toSorted()).toEqual(["gateway-1/1", "gateway-1/2"]);
  expect(view.parts.reduce((sum, { stats }) => sum + stats.sent, 0)).toBe(view.total.sent);
  // The wave after the canaries is four times theirs, and the rest is one more.
  const each = { campaignId: "counted", kind: "mass" };
  expect(view.orders.slice(0, 2)).toMatchObject([
    { ...each, targets: 4, sent: 4 },
    { ...each, targets: 16, sent: 16 },
  ]);
  const before = await metrics(running);
  expect(before("parts")).toBe(2);
  expect(before("commands_sent_total")).toBe(DEVICES);
  // Each device came once, and once more with its new image.
  expect(before("channels_opened_total")).toBe(2 * DEVICES);
  expect(before("edict_depot_requests_total", '{outcome="served"}')).toBe(DEVICES);
  expect(before("orders_behind")).toBe(0);
  expect(before("unasked_bytes_total")).toBe(0);

  process.kill(gateway.workers[0] ?? 0, "SIGKILL");
  await running.until(async () => (await metrics(running))("parts") < 2, 10_000);
  const after = await metrics(running);
  expect(after("channels_opened_total")).toBeGreaterThanOrEqual(2 * DEVICES);
  expect(after("commands_sent_total")).toBe(DEVICES);
  await running.until(async () => (await metrics(running))("parts") === 2 && (await metrics(running))("channels") === DEVICES, 60_000);
  expect((await metrics(running))("channels_opened_total")).toBeGreaterThan(2 * DEVICES);
}, 240_000);
