/** How long a device goes on asking depots that are away, under a clock that nobody waits for. */
import { expect, test } from "bun:test";
import { DEPOT_TRIES_MAX, DEPOT_WAIT_MAX_MS, DEPOT_WAIT_MIN_MS } from "../../src/agent/limits.ts";
import { depotWaitMs, patiently } from "../../src/agent/patiently.ts";
import { DepotError, type DepotErrorCode } from "../../src/depot/client/index.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000;
const { signal } = new AbortController();

/** Waits as the device would, and looks at the clock afterwards. `visit` is what asking the depots does. */
async function live(
  visit: (count: number, onProgress: () => void) => void,
  { draw = 0.5, visitMs = MINUTE_MS, notAfterMs = Number.POSITIVE_INFINITY } = {},
) {
  let nowMs = START_MS;
  let visits = 0;
  const waits: number[] = [];
  const ports = {
    clock: { nowMs: () => nowMs },
    random: () => draw,
    sleep: async (ms: number) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  const ended = await patiently({ notAfterMs }, ports, signal, async (onProgress) => {
    nowMs += visitMs;
    visits += 1;
    visit(visits, onProgress);
    return "done";
  }).catch((error: unknown) => (error instanceof EdictError ? error.code : String(error)));
  return { ended, visits, waits, lastedMs: nowMs - START_MS };
}

function away(code: DepotErrorCode = "ERR_DEPOT_UNREACHABLE"): never {
  throw new DepotError(code, "there is nobody");
}

test("a device whose depots are away gives up after about half an hour, not earlier", async () => {
  const { ended, visits, lastedMs } = await live(() => away());
  expect([ended, visits]).toEqual(["ERR_DEPOT_UNREACHABLE", DEPOT_TRIES_MAX]);
  expect(lastedMs / MINUTE_MS).toBeGreaterThan(30);
  expect(lastedMs / MINUTE_MS).toBeLessThan(40);
});

test("devices that fail together come back apart: each wait is half to one and a half of a mean that doubles up to a limit", async () => {
  const [hasty, patient] = [await live(() => away(), { draw: 0 }), await live(() => away(), { draw: 1 })];
  expect(hasty.waits.slice(0, 3)).toEqual([0.5, 1, 2].map((times) => times * DEPOT_WAIT_MIN_MS));
  expect(patient.waits.slice(0, 3)).toEqual([1.5, 3, 6].map((times) => times * DEPOT_WAIT_MIN_MS));
  expect([hasty.waits.at(-1), patient.waits.at(-1)]).toEqual([0.5 * DEPOT_WAIT_MAX_MS, 1.5 * DEPOT_WAIT_MAX_MS]);
  expect(depotWaitMs(DEPOT_TRIES_MAX, () => 1)).toBe(1.5 * DEPOT_WAIT_MAX_MS);
});

test("only visits in a row that bring nothing count: a depot that gives a little each time is gone on with", async () => {
  const enough = 3 * DEPOT_TRIES_MAX;
  const { ended, visits, waits } = await live((count, onProgress) => {
    if (count === enough) return;
    onProgress();
    away("ERR_DEPOT_CUT");
  });
  expect([ended, visits]).toEqual(["done", enough]);
  expect(Math.max(...waits)).toBe(DEPOT_WAIT_MIN_MS);
});

test("nothing is tried again when the command's time is over, nor when trying again cannot help", async () => {
  const late = await live(() => away(), { notAfterMs: START_MS + 5 * MINUTE_MS });
  expect(late.ended).toBe("ERR_AGENT_EXPIRED");
  expect(late.lastedMs).toBeLessThan(10 * MINUTE_MS);
  expect(await live(() => away("ERR_DEPOT_DELTA"))).toMatchObject({ ended: "ERR_DEPOT_DELTA", visits: 1 });
});
