/** What a device must remember so that nothing is done twice and nothing old comes back. Pure, plain data, kept with the slots. */
import { SEEN_IDS_MAX } from "./limits.ts";

/** Remembers the newest ids, newest first. Returns a new list; an id that is known keeps its place. */
export function remember(seen: readonly string[], id: string, most = SEEN_IDS_MAX): readonly string[] {
  return seen.includes(id) ? seen : [id, ...seen].slice(0, most);
}

/** Release counter floors by software: `vendor/name` -> the highest counter that was ever marked good. */
export type CounterFloors = { readonly [software: string]: number };

export function floorOf(floors: CounterFloors, vendor: string, name: string): number {
  return floors[keyOf(vendor, name)] ?? 0;
}

/** Floors only rise. */
export function raiseFloor(floors: CounterFloors, vendor: string, name: string, counter: number): CounterFloors {
  return { ...floors, [keyOf(vendor, name)]: Math.max(floorOf(floors, vendor, name), counter) };
}

function keyOf(vendor: string, name: string): string {
  return `${encodeURIComponent(vendor)}/${encodeURIComponent(name)}`;
}
