/** A cohort query answered by sets of devices instead of a look at every device. Pure; `matches` (cohort-query.ts) defines what is right. */
import { RoaringBitmap32 } from "roaring-wasm";
import { type CohortReport, type CohortRequest, LEFT_OUT_REASONS, type LeftOutReason } from "./cohort.ts";
import { type CohortQuery, isWithin, matchesText, parseCohortQuery } from "./cohort-query.ts";
import type { SetField } from "./facts.ts";

/** What a store knows without a look at its devices. Every set is fresh: whoever gets it may change it. */
export interface FactSets {
  everybody(): RoaringBitmap32;
  holding(field: SetField, value: string): RoaringBitmap32;
  /** Every value that some device has. */
  values(field: SetField): readonly string[];
  /** `*` stands for any characters. */
  withId(pattern: string): RoaringBitmap32;
  postponedAt(nowMs: number): RoaringBitmap32;
}

/** The devices of which `matches` is true. */
export function devicesOf(query: CohortQuery, sets: FactSets): RoaringBitmap32 {
  switch (query.kind) {
    case "and":
      return RoaringBitmap32.and(devicesOf(query.left, sets), devicesOf(query.right, sets));
    case "or":
      return devicesOf(query.left, sets).orInPlace(devicesOf(query.right, sets));
    case "text": {
      const { field, values } = query;
      const found =
        field === "id"
          ? values.map((value) => sets.withId(value))
          : valuesOf(values, field, sets).map((value) => sets.holding(field, value));
      return unless(query.isNot, union(found), sets);
    }
    case "versions":
      return union(query.versions.map((version) => sets.holding("version", version)));
    case "counter": {
      const counters = sets.values("counter").filter((counter) => isWithin(query.ranges, Number(counter)));
      return unless(query.isNot, union(counters.map((counter) => sets.holding("counter", counter))), sets);
    }
    case "boolean":
      return unless(!query.value, sets.holding(query.field, "true"), sets);
  }
}

/** Classifies the whole fleet. Each reason is tried on those whom the ones before it left in. */
export function classify(request: CohortRequest, sets: FactSets, nowMs: number): CohortReport {
  const { tenant, vendor, name, oldVersion, newVersion, query, counters, optOutOverride } = request;
  const isForced = optOutOverride !== undefined;
  const left = sets.everybody();
  const retainIf = (field: SetField, value: string | undefined) => (value === undefined ? 0 : retain(left, sets.holding(field, value)));
  const keep: { readonly [reason in LeftOutReason]: () => number } = {
    "other tenant": () => retain(left, sets.holding("tenant", tenant)),
    "wrong model": () => retainIf("vendor", vendor) + retainIf("name", name),
    "already current": () => (newVersion === undefined ? 0 : leave(left, sets.holding("version", newVersion))),
    "other version": () => retainIf("version", oldVersion),
    "outside the query": () => (query === undefined ? 0 : retain(left, devicesOf(parseCohortQuery(query, counters), sets))),
    "not subscribed": () => retain(left, sets.holding("subscribed", "true")),
    "opted out": () => (isForced ? 0 : leave(left, sets.holding("optedOut", "true"))),
    postponed: () => (isForced ? 0 : leave(left, sets.postponedAt(nowMs))),
  };
  const counted = LEFT_OUT_REASONS.map((reason) => [reason, keep[reason]()] as const);
  return { selected: left, leftOut: Object.fromEntries(counted) as { [reason in LeftOutReason]: number } };
}

function retain(set: RoaringBitmap32, only: RoaringBitmap32): number {
  const before = set.size;
  set.andInPlace(only);
  only.dispose();
  return before - set.size;
}

function leave(set: RoaringBitmap32, without: RoaringBitmap32): number {
  const before = set.size;
  set.andNotInPlace(without);
  without.dispose();
  return before - set.size;
}

function valuesOf(patterns: readonly string[], field: SetField, sets: FactSets): readonly string[] {
  const exact = patterns.filter((pattern) => !pattern.includes("*"));
  if (exact.length === patterns.length) return exact;
  return sets.values(field).filter((value) => patterns.some((pattern) => matchesText(pattern, value)));
}

function union(sets: readonly RoaringBitmap32[]): RoaringBitmap32 {
  const all = RoaringBitmap32.orMany([...sets]);
  for (const set of sets) set.dispose();
  return all;
}

function unless(isNot: boolean, set: RoaringBitmap32, sets: FactSets): RoaringBitmap32 {
  return isNot ? sets.everybody().andNotInPlace(set) : set;
}
