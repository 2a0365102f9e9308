/** Ordinals in no order become the set that they are, and a batch says when it is full. */
import { expect, test } from "bun:test";
import { OrdinalBatch } from "../../../src/channel/gateway/ordinal-batch.ts";
import { BATCH_ORDINALS } from "../../../src/channel/limits.ts";

test("what was gathered in no order is taken as a set, once", () => {
  const batch = new OrdinalBatch();
  for (const ordinal of [70_000, 3, 4_000_000_000, 3, 0]) batch.add(ordinal);
  expect(batch.take().toArray()).toEqual([0, 3, 70_000, 4_000_000_000]);
  expect(batch.take().isEmpty).toBe(true);
});

test("a batch is full at its limit and not before, and keeps all of it", () => {
  const batch = new OrdinalBatch();
  for (let ordinal = BATCH_ORDINALS; ordinal > 1; ordinal -= 1) batch.add(ordinal);
  expect(batch.isFull).toBe(false);
  batch.add(1);
  expect(batch.isFull).toBe(true);
  expect(batch.take().size).toBe(BATCH_ORDINALS);
  expect(batch.isFull).toBe(false);
});
