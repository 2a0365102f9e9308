/** What each device has to fetch for a release: the image, or the delta from what it runs, if the repository has one. */
import { deltasOf, type Repository, releasesOf } from "../depot/repository/read.ts";
import type { Release } from "../depot/release.ts";
import type { DeviceGroup } from "../campaign/dry-run.ts";
import type { Part } from "../fleet/store.ts";

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

/** One cohort, cut both ways. */
export function groupsOf(
  { regions, versions }: { readonly regions: readonly Part[]; readonly versions: readonly Part[] },
  bytesOf: (version: string) => number,
): readonly DeviceGroup[] {
  const groups = versions.flatMap(({ value: version, devices }) =>
    regions.map(({ value: region, devices: there }) => ({
      region,
      version,
      count: devices.andCardinality(there),
      bytes: bytesOf(version),
    })),
  );
  return groups.filter(({ count }) => count > 0);
}
