/** Devices and what was observed of each, side by side, from two streams in the order of ordinals: never all evidence at once. Pure. */
import type { Device } from "../fleet/device.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { AfterActionError } from "./errors.ts";

export interface DeviceCase {
  readonly device: Device;
  /** In the order of arrival. */
  readonly evidence: readonly Evidence[];
}

/** One case per device, those without evidence too; evidence about others is left out. Throws ERR_AFTER_ACTION_ORDER. */
export function* byDevice(devices: Iterable<Device>, evidence: Iterable<Evidence>): Iterable<DeviceCase> {
  const source = evidence[Symbol.iterator]();
  let next = source.next();
  let last = -1;
  const take = (ordinal: number): Evidence[] => {
    const taken: Evidence[] = [];
    for (; !next.done && next.value.ordinal <= ordinal; next = source.next()) {
      if (next.value.ordinal < last) throw outOfOrder(next.value.ordinal, last);
      last = next.value.ordinal;
      if (last === ordinal) taken.push(next.value);
    }
    return taken;
  };
  let before = -1;
  for (const device of devices) {
    if (device.ordinal <= before) throw outOfOrder(device.ordinal, before);
    before = device.ordinal;
    yield { device, evidence: take(device.ordinal) };
  }
}

function outOfOrder(ordinal: number, after: number): AfterActionError {
  return new AfterActionError("ERR_AFTER_ACTION_ORDER", `device ${ordinal} comes after device ${after}`);
}
