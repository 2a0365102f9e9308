/** What can be installed in a simulated world, and on what: two models, one release for the first of them, and an image that nobody signed. */
import type { DeviceConfig } from "../../src/agent/index.ts";
import type { Manifest } from "../../src/agent/installer.ts";
import type { Release } from "../../src/depot/client/index.ts";
import type { InstalledSoftware } from "../../src/openc2/index.ts";

export const VENDOR = "famousMaker";
export const MODEL = "famousModel";
/** Never in a cohort: what it installs it was not meant to. */
export const OTHER_MODEL = "otherModel";
export const HARDWARE = ["r1", "r2", "r3"] as const;
export const TENANT = "isp";
export const OLD_VERSION = "1.2.3";
export const NEW_VERSION = "2.3.4";
const SOURCE_HOST = "updates.famousmaker.ce";
export const SOURCE = `https://${SOURCE_HOST}/ub_x64/patch_20180222_1234`;

/** What a slot can hold, by number: a million devices have a byte for it. */
export const IMAGE = { none: 0, old: 1, new: 2, forged: 3 } as const;
export type Image = (typeof IMAGE)[keyof typeof IMAGE];

const TEXTS = ["", "the image from the factory", "the image with the patch", "an image that nobody published"] as const;
const VERSIONS = ["", OLD_VERSION, NEW_VERSION, "6.6.6"] as const;
const COUNTERS = [0, 2, 3, 66] as const;

export function imageBytes(image: Image): Uint8Array {
  return new TextEncoder().encode(TEXTS[image].repeat(8));
}

export function digestOf(image: Image): string {
  return DIGESTS[image];
}

const DIGESTS = ([0, 1, 2, 3] as const).map((image) => new Bun.CryptoHasher("sha256").update(imageBytes(image)).digest("hex")) as [
  string,
  string,
  string,
  string,
];

export interface Kind {
  readonly name: string;
  readonly hardware: (typeof HARDWARE)[number];
}

export const KINDS: readonly Kind[] = [MODEL, OTHER_MODEL].flatMap((name) => HARDWARE.map((hardware) => ({ name, hardware })));

export function manifestOf(image: Image, { name, hardware }: Kind): Manifest {
  const { length: size } = imageBytes(image);
  return { vendor: VENDOR, name, version: VERSIONS[image], counter: COUNTERS[image], hardware, sha256: digestOf(image), size };
}

export function softwareOf(image: Image, kind: Kind): InstalledSoftware {
  const { vendor, name, version, hardware, sha256 } = manifestOf(image, kind);
  return { vendor, name, version, hardware, hashes: { sha256: sha256.toUpperCase() } };
}

/** What the manufacturer's repository says, of the one release there is. */
export const RELEASE: Release = {
  vendor: VENDOR,
  name: MODEL,
  version: NEW_VERSION,
  counter: COUNTERS[IMAGE.new],
  hardware: [...HARDWARE],
  sha256: digestOf(IMAGE.new),
  size: imageBytes(IMAGE.new).length,
  source: SOURCE,
};

export function deviceId(ordinal: number): string {
  return `urn:dev:ops:32473-${ordinal}`;
}

export function configOf(id: string, { name, hardware }: Kind, timeFloorMs: number): DeviceConfig {
  return {
    id,
    vendor: VENDOR,
    name,
    hardware,
    gateway: "https://gateway.isp.example",
    depots: [{ url: "https://depot.isp.example", weight: 1 }],
    deltas: false,
    sources: [SOURCE_HOST],
    timeFloorMs,
    healthTimeoutMs: 30_000,
    protectedExecutables: [],
    directory: `/device/${id}`,
    tls: { caPem: "", certPem: "", keyPem: "" },
    isEnrolled: true,
    tufRoot: new Uint8Array(0),
  };
}
