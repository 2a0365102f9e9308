/** Gathers what the policy gate judges: from the fleet, the image repository and the director, as they are at this moment. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { PolicyFacts } from "../campaign/policy.ts";
import { checkSource } from "../depot/client/index.ts";
import type { Release } from "../depot/release.ts";
import { viewOf } from "../depot/repository/describe.ts";
import { readRepository, releasesOf } from "../depot/repository/read.ts";
import type { CohortRequest } from "../fleet/cohort.ts";
import { parseCohortQuery } from "../fleet/cohort-query.ts";
import type { FleetStore } from "../fleet/store.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import type { Director } from "../trust/director.ts";

interface PolicyPorts {
  readonly fleet: FleetStore;
  /** The depot's folder. */
  readonly depot: string;
  readonly director: Director;
  readonly nowMs: number;
}

export async function policyFacts(campaign: Campaign, cohort: RoaringBitmap32, ports: PolicyPorts): Promise<PolicyFacts> {
  const { fleet, depot, director, nowMs } = ports;
  const { request, command } = campaign;
  const software = (command.target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  const repository = await readRepository(depot);
  const releases = releasesOf(repository.targets)
    .map(({ release }) => release)
    .filter(({ vendor, name }) => vendor === request.vendor && name === request.name);
  const sourceProblem = problemOf(
    software.source,
    releases.find(({ version }) => version === request.newVersion),
  );
  const roles = viewOf(repository, nowMs).map(({ role, expires }) => ({ name: `${role} metadata`, expiresMs: Date.parse(expires) }));
  return {
    campaign,
    modelCount: modelCount(fleet, campaign, nowMs),
    ...countsOf(fleet, cohort, request, releases),
    ...(sourceProblem !== undefined && { sourceProblem }),
    metadata: [{ name: `director ${director.name}`, expiresMs: director.expiresMs }, ...roles],
  };
}

/** Everybody of the tenant with this model, whatever else left them out. */
function modelCount(fleet: FleetStore, { request }: Campaign, nowMs: number): number {
  const { selected, leftOut } = fleet.select(request, nowMs);
  const { "other tenant": _others, "wrong model": _models, ...rest } = leftOut;
  return Object.values(rest).reduce((sum, count) => sum + count, selected.size);
}

/** Sets tell: no device is looked at. A version that the repository does not know has no counter: it is older, or not the manufacturer's. */
function countsOf(
  fleet: FleetStore,
  cohort: RoaringBitmap32,
  { newVersion, optOutOverride }: CohortRequest,
  releases: readonly Release[],
): Pick<PolicyFacts, "withoutConsent" | "newerRuns"> {
  const counter = releases.find(({ version }) => version === newVersion)?.counter ?? 0;
  const versions = releases.filter((release) => release.counter > counter).map(({ version }) => version);
  const unwilling = parseCohortQuery(optOutOverride === undefined ? "subscribed==false,optedOut==true" : "subscribed==false");
  return {
    withoutConsent: cohort.andCardinality(fleet.find(unwilling)),
    newerRuns: cohort.andCardinality(fleet.find({ kind: "versions", versions })),
  };
}

/** The source has to be where the manufacturer says that this release is published. */
function problemOf(source: string | undefined, release: Release | undefined): string | undefined {
  const host = URL.parse(release?.source ?? "")?.hostname;
  try {
    checkSource(source ?? "", host === undefined ? [] : [host]);
    return undefined;
  } catch (error) {
    if (error instanceof EdictError) return `${error.code}: ${error.message}; the release is published at ${host ?? "no host"}`;
    throw error;
  }
}
