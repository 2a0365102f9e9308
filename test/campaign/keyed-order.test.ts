/** Devices in the order of a keyed hash, held against the hash of another library, and how often others may go first. */
import { expect, test } from "bun:test";
import { KeyedOrder } from "../../src/campaign/keyed-order.ts";
import { DEVICES_PER_STEP } from "../../src/campaign/limits.ts";

const idOf = (ordinal: number) => `urn:dev:ops:32473-${ordinal}`;
const hashOf = (ordinal: number) => new Bun.CryptoHasher("sha256", "wc17").update(idOf(ordinal)).digest("hex");

function ordered(ordinals: readonly number[]): { readonly ordinals: readonly number[]; readonly pauses: number } {
  const order = new KeyedOrder("wc17");
  for (const ordinal of ordinals) order.add({ id: idOf(ordinal), ordinal });
  const steps = order.ordinals();
  for (let pauses = 0; ; pauses += 1) {
    const step = steps.next();
    if (step.done === true) return { ordinals: [...step.value], pauses };
  }
}

test("the lowest HMAC-SHA-256 first, in whatever order they come", () => {
  const devices = Array.from({ length: 30_000 }, (_, ordinal) => ordinal);
  const expected = devices
    .map((ordinal) => ({ ordinal, hash: hashOf(ordinal) }))
    .toSorted((one, other) => (one.hash < other.hash ? -1 : 1))
    .map(({ ordinal }) => ordinal);
  expect(ordered(devices).ordinals).toEqual(expected);
  expect(ordered(devices.toReversed()).ordinals).toEqual(expected);
});

test("where the first 32 bits of two hashes are the same the next 32 decide", () => {
  const [lower, higher] = [77_106, 58_826];
  expect(hashOf(lower).slice(0, 8)).toBe(hashOf(higher).slice(0, 8));
  for (const pair of [
    [lower, higher],
    [higher, lower],
  ])
    expect(ordered(pair).ordinals).toEqual([lower, higher]);
});

test("nobody is an order too", () => {
  expect(ordered([])).toEqual({ ordinals: [], pauses: 0 });
});

test("others may go first after each step of counting, of distributing and of sorting", () => {
  const { pauses } = ordered(Array.from({ length: 2 * DEVICES_PER_STEP + 100 }, (_, ordinal) => ordinal));
  expect(pauses).toBe(3 + 3 + 2);
});
