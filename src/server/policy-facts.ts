/** Gathers what the policy gate judges: from the fleet, the image repository and the director, as they are at this moment. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { PolicyFacts } from "../campaign/policy.ts";
import { checkSource } from "../depot/client/index.ts";
import type { Release } from "../depot/release.ts";
import { viewOf } from "../depot/repository/describe.ts";
import { readRepository, releasesOf } from "../depot/repository/read.ts";
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
    modelCount: modelCount(fleet, campaign),
    ...countsOf(fleet.devices(cohort), campaign, releases),
    ...(sourceProblem !== undefined && { sourceProblem }),
    metadata: [{ name: `director ${director.name}`, expiresMs: director.expiresMs }, ...roles],
  };
}

/** Everybody of the tenant with this model, whatever else left them out. */
function modelCount(fleet: FleetStore, { request }: Campaign): number {
  const { selected, leftOut } = fleet.select(request);
  const { "other tenant": _others, "wrong model": _models, ...rest } = leftOut;
  return Object.values(rest).reduce((sum, count) => sum + count, selected.size);
}

function countsOf(
  devices: ReturnType<FleetStore["devices"]>,
  { request: { newVersion, optOutOverride } }: Campaign,
  releases: readonly Release[],
): Pick<PolicyFacts, "withoutConsent" | "newerRuns"> {
  const counters = new Map(releases.map(({ version, counter }) => [version, counter]));
  const counter = counters.get(newVersion) ?? 0;
  let withoutConsent = 0;
  let newerRuns = 0;
  for (const { version, subscribed, optedOut } of devices) {
    if (!subscribed || (optedOut && optOutOverride === undefined)) withoutConsent += 1;
    // A version that the repository does not know has no counter: it is older, or not the manufacturer's.
    if ((counters.get(version) ?? 0) > counter) newerRuns += 1;
  }
  return { withoutConsent, newerRuns };
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
