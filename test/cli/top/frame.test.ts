/** What `edict gateway top` shows, from fixed figures: a frame of 100 columns, a narrow one, and the line for a pipe. */
import { expect, test } from "bun:test";
import { renderFrame, renderLine } from "../../../src/cli/top/frame.ts";
import { ratesOf } from "../../../src/cli/top/rates.ts";
import { views } from "./figures.ts";

const { before, now } = views();

const rates = ratesOf(now, before);

const FRAME = `\
Edict gateway  2026-11-25T03:00:00Z  2 parts  (q quits)

channels    14,980, opening 12, resumed 62.5 % of 8,000 handshakes
commands    1,204,551 sent (30,600/s), 14 of them late, 0 B unasked
queue       12.4 KiB on 3 channels, 11 closed as too slow
manager     heard 1.2 s ago, 0 orders behind, 0 reports wait
last stop   in force after 340 ms
kept out    2 denied, 1 quarantined
depot       412 sending, 310 MiB/s, load 120 %; 80,112 served, 31 cut, 5 shed, 2 missing, 0 failed
refused     163: CERTIFICATE_TIME 150, UNKNOWN_DEVICE 13
closed      41: device-gone 30, TOO_SLOW 11
over limit  handshakes 150, frames 2

part            channels    sent/s     queue   backlog     slice      loop    memory     heard
gateway-1/1        7,490  15,600/s  12.4 KiB         3    9.8 ms   21.3 ms   210 MiB    400 ms
gateway-1/2        7,490  15,000/s       0 B         0   10.1 ms    0.0 ms   208 MiB    400 ms

order  what    sent to                                 pace       campaign
   12  mass    █████▍           404,200/1,200,000      30,600/s   wc17_9674309
   11  canary  ████████████████ 300/300                           wc17_9674309
   10  stop                                                       wc16_1`;

test("a frame of 100 columns", () => {
  expect(renderFrame(now, rates, { columns: 100, rows: 30 }).join("\n")).toBe(FRAME);
});

test("a narrow terminal cuts lines with a mark, a low one shows fewer parts and says how many it leaves out", () => {
  const lines = renderFrame(now, rates, { columns: 40, rows: 10 });
  expect(Math.max(...lines.map((line) => [...line].length))).toBe(40);
  expect(lines[2]).toBe("channels    14,980, opening 12, resumed…");
  expect(lines.filter((line) => line.startsWith("gateway-1/"))).toHaveLength(1);
  expect(lines).toContain("  and 1 more");
});

test("at the first look no rate is known, and none is made up", () => {
  const lines = renderFrame(now, ratesOf(now, undefined), { columns: 100, rows: 30 });
  expect(lines[3]).toBe("commands    1,204,551 sent (-), 14 of them late, 0 B unasked");
});

test("a part that was started anew has not sent less than none", () => {
  const restarted = {
    ...now,
    total: { ...now.total, sent: 5 },
    parts: now.parts.map((each) => ({ ...each, stats: { ...each.stats, sent: 5 } })),
  };
  expect([...(ratesOf(restarted, before)?.parts.values() ?? [])]).toEqual([0, 0]);
});

test("a silent manager is not to be overlooked", () => {
  const lines = renderFrame({ ...now, total: { ...now.total, silenced: 1 } }, rates, { columns: 100, rows: 30 });
  expect(lines[5]).toStartWith("manager     SILENT: nothing is sent");
});

test("one line for a pipe", () => {
  expect(renderLine(now, rates)).toBe(
    "2026-11-25T03:00:00Z channels 14,980, sent 1,204,551 (30,600/s), queue 12.4 KiB on 3, slow 11, refused 163, behind 0, depot 412 sending (load 120 %), order 12 mass 404,200/1,200,000",
  );
});
