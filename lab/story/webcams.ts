/** The fleet of the story: webcams of mixed models, versions, regions and consent; and one of webcams that are all alike. */
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { pick, type Random } from "./random.ts";

export const TENANT = "isp.example";
export const VENDOR = "famousMaker";
export const MODEL = "famousModel";
export const OLD_VERSION = "1.2.3";
export const NEW_VERSION = "2.3.4";
/** The release counter of each version: versions are ordered by it, never by their text. */
export const COUNTERS: Readonly<Record<string, number>> = { "1.1.0": 1, "1.2.3": 2, "2.3.4": 3, "5.0.1": 1 };

const HARDWARE = "fm-cam-r2";
/** 32473 is the enterprise number that RFC 5612 keeps for documentation; the urn form is RFC 9039's. */
const URN = "urn:dev:ops:32473";

export function makeFleet(count: number, random: Random): readonly DeviceFacts[] {
  return Array.from({ length: count }, (_, index) => webcam(index, random));
}

export function makeAlike(count: number): readonly DeviceFacts[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${URN}-alike-${serial(index)}`,
    tenant: TENANT,
    vendor: VENDOR,
    name: MODEL,
    version: OLD_VERSION,
    hardware: HARDWARE,
    region: "north",
    subscribed: true,
    optedOut: false,
  }));
}

function webcam(index: number, random: Random): DeviceFacts {
  const name = pick(random, [
    [MODEL, 70],
    ["famousModelPro", 20],
    ["budgetCam", 10],
  ] as const);
  const version =
    name === MODEL
      ? pick(random, [
          [OLD_VERSION, 85],
          [NEW_VERSION, 6],
          ["1.1.0", 9],
        ] as const)
      : "5.0.1";
  return {
    id: `${URN}-${name}-${serial(index)}`,
    tenant: TENANT,
    vendor: name === "budgetCam" ? "otherMaker" : VENDOR,
    name,
    version,
    hardware: name === MODEL ? HARDWARE : "generic-r1",
    region: pick(random, [
      ["north", 4],
      ["south", 3],
      ["east", 2],
      ["west", 1],
    ] as const),
    subscribed: random() < 0.95,
    optedOut: random() < 0.04,
  };
}

function serial(index: number): string {
  return String(index).padStart(6, "0");
}
