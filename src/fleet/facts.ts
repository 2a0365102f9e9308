/** The facts of a device as texts that can be looked up: what a query compares, and what a store keeps sets of. Pure. */
import type { DeviceFacts } from "./device.ts";

export const TEXT_FIELDS = ["id", "vendor", "name", "version", "hardware", "region", "timeZone", "tag", "component"] as const;
export const BOOLEAN_FIELDS = ["subscribed", "optedOut"] as const;
export type TextField = (typeof TEXT_FIELDS)[number];
export type BooleanField = (typeof BOOLEAN_FIELDS)[number];

/** Facts of which many devices share a value, so that a set of devices per value is small. An id is its device's alone. */
export type SetField = Exclude<TextField, "id"> | BooleanField | "tenant" | "counter";

const SINGLE = ["tenant", "vendor", "name", "version", "hardware", "region"] as const;

/** All texts that the device has under this field. An unknown time zone is the empty text, so that everybody has one. */
export function textsOf(device: DeviceFacts, field: TextField): readonly string[] {
  switch (field) {
    case "tag":
      return device.tags ?? [];
    case "component":
      return (device.components ?? []).map(({ name, version }) => `${name}/${version}`);
    case "timeZone":
      return [device.timeZone ?? ""];
    default:
      return [device[field]];
  }
}

/** Visits every set that the device belongs to. A flag has a set only of those for whom it is true. */
export function eachSet(device: DeviceFacts, visit: (field: SetField, value: string) => void): void {
  for (const field of SINGLE) visit(field, device[field]);
  visit("timeZone", device.timeZone ?? "");
  if (device.subscribed) visit("subscribed", "true");
  if (device.optedOut) visit("optedOut", "true");
  if (device.counter !== undefined) visit("counter", String(device.counter));
  for (const tag of device.tags ?? []) visit("tag", tag);
  if (device.components !== undefined) for (const component of textsOf(device, "component")) visit("component", component);
}
