/** What is exported is in the format, follows the conventions, and is what docs/operate says. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { CHANNEL_ERRORS } from "../../../src/channel/errors.ts";
import { mergeStats } from "../../../src/channel/stats/gateway-stats.ts";
import { Figures } from "../../../src/depot/figures.ts";
import type { ChannelFigures } from "../../../src/server/channel-watch.ts";
import { CATALOGUE } from "../../../src/server/prometheus/catalogue.ts";
import { Exporter } from "../../../src/server/prometheus/exporter.ts";
import { readTextFormat } from "./text-format.ts";

const operate = join(import.meta.dir, "../../../docs/operate");
const read = (name: string) => readFileSync(join(operate, name), "utf8");
const NAMES = CATALOGUE.map(({ name }) => name).toSorted();
const stats = { ...mergeStats([]), startedMs: 1, ordersSeq: 7, sent: 12, stopMs: 1_500, refusals: { ERR_CHANNEL_BUSY: 3 } };
const FIGURES: ChannelFigures = {
  atMs: 0,
  total: stats,
  parts: [{ part: "gateway-1", ageMs: 250, stats }],
  ordersBehind: 2,
  quarantined: 1,
  depot: { ...new Figures().current, served: 5, shed: 2, bytes: 4_000, loadShare: 1.4 },
};

test("every metric is exported once, in the text format, with the figures of now", async () => {
  const exporter = new Exporter();
  expect(exporter.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  await exporter.text({ ...FIGURES, total: { ...stats, sent: 99 } });
  const families = readTextFormat(await exporter.text(FIGURES));
  expect([...families.keys()].toSorted()).toEqual(NAMES);
  const value = (name: string, labels = "") => families.get(name)?.series.get(labels);
  // Set, not added to what an earlier look has found.
  expect(value("edict_gateway_commands_sent_total")).toBe(12);
  expect(value("edict_gateway_stop_last_seconds")).toBe(1.5);
  expect(value("edict_gateway_stats_age_seconds")).toBe(0.25);
  expect(value("edict_gateway_orders_behind")).toBe(2);
  expect(value("edict_quarantined_devices")).toBe(1);
  expect(value("edict_depot_requests_total", '{outcome="shed"}')).toBe(2);
  expect(value("edict_depot_requests_total", '{outcome="failed"}')).toBe(0);
  expect([value("edict_depot_sent_bytes_total"), value("edict_depot_load_ratio")]).toEqual([4_000, 1.4]);
  expect(value("edict_build_info", `{version="${manifest.version}"}`)).toBe(1);
  expect(value("edict_gateway_connections_refused_total", '{reason="ERR_CHANNEL_BUSY"}')).toBe(3);
  expect(value("edict_gateway_connections_refused_total", '{reason="ERR_CHANNEL_DENIED"}')).toBe(0);
});

test("every code that is there from the start is a code of the channel", async () => {
  const text = await new Exporter().text({ ...FIGURES, total: mergeStats([]) });
  const codes = [...text.matchAll(/reason="(ERR_[A-Z_]+)"/g)].map(([, code]) => code ?? "");
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !(code in CHANNEL_ERRORS))).toEqual([]);
});

test("the page lists exactly what is exported", () => {
  const listed = [...read("metrics.md").matchAll(/^\| `((?:edict|process)_[a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(NAMES);
});

test("alerts look at metrics that there are, and the page says what to do about each", () => {
  const rules = read("alerts.yml");
  const used = [...rules.matchAll(/\b(?:edict|process)_[a-z_]+/g)].map(([name]) => name);
  expect(used.filter((name) => !NAMES.includes(name))).toEqual([]);
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => `\`${name}\``);
  const page = read("metrics.md");
  expect(alerts.filter((name) => !page.includes(name))).toEqual([]);
});
