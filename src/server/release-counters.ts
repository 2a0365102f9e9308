/** The release counters of one model, as its manufacturer published them: what orders versions in a cohort query. */
import { readRepository, releasesOf } from "../depot/repository/read.ts";
import type { ReleaseCounters } from "../fleet/cohort.ts";

export async function releaseCounters(depot: string, model: { readonly vendor: string; readonly name: string }): Promise<ReleaseCounters> {
  const { targets } = await readRepository(depot);
  const releases = releasesOf(targets)
    .map(({ release }) => release)
    .filter(({ vendor, name }) => vendor === model.vendor && name === model.name);
  return Object.fromEntries(releases.map(({ version, counter }) => [version, counter]));
}
