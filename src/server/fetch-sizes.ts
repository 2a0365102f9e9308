/** What each device has to fetch for a release: the image, or the delta from what it runs, if the repository has one. */
import { deltasOf, type Repository, releasesOf } from "../depot/repository/read.ts";
import type { Release } from "../depot/release.ts";
import type { DeviceGroup } from "../campaign/dry-run.ts";
import type { Device } from "../fleet/device.ts";

/** Gives the bytes for a device that runs this version. */
export function fetchSizes({ targets }: Repository, { vendor, name, sha256, size }: Release): (version: string) => number {
  const digests = new Map(
    releasesOf(targets)
      .filter(({ release: other }) => other.vendor === vendor && other.name === name)
      .map(({ release: other }) => [other.version, other.sha256]),
  );
  const deltas = new Map(
    deltasOf(targets)
      .filter(({ to }) => to === sha256)
      .map((delta) => [delta.from, delta.size]),
  );
  return (version) => deltas.get(digests.get(version) ?? "") ?? size;
}

/** Devices by region and version. */
export function groupsOf(devices: Iterable<Device>, bytesOf: (version: string) => number): readonly DeviceGroup[] {
  const groups = new Map<string, { region: string; version: string; count: number; bytes: number }>();
  for (const { region, version } of devices) {
    const key = `${region}\n${version}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { region, version, count: 1, bytes: bytesOf(version) });
    else group.count += 1;
  }
  return [...groups.values()];
}
