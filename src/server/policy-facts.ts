/** Gathers what the policy gate judges: from the fleet, the image repository and the director, as they are at this moment. */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { ModelFacts, PolicyFacts } from "../campaign/policy.ts";
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
  const { fleet, director, nowMs } = ports;
  const { request } = campaign;
  const unwilling = parseCohortQuery(request.optOutOverride === undefined ? "subscribed==false,optedOut==true" : "subscribed==false");
  const facts: PolicyFacts = {
    campaign,
    models: modelsOf(fleet, cohort, request, nowMs),
    withoutConsent: cohort.andCardinality(fleet.find(unwilling)),
    newerRuns: 0,
    metadata: [{ name: `director ${director.name}`, expiresMs: director.expiresMs }],
  };
  // What brings no software needs no source and no repository, and is never older than what runs.
  return request.newVersion === undefined ? facts : { ...facts, ...(await softwareFacts(campaign, cohort, facts, ports)) };
}

async function softwareFacts(
  { command, request }: Campaign,
  cohort: RoaringBitmap32,
  { metadata }: PolicyFacts,
  { fleet, depot, nowMs }: PolicyPorts,
): Promise<Pick<PolicyFacts, "newerRuns" | "sourceProblem" | "metadata">> {
  const software = (command.target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  const repository = await readRepository(depot);
  const releases = releasesOf(repository.targets)
    .map(({ release }) => release)
    .filter(({ vendor, name }) => vendor === request.vendor && name === request.name);
  const release = releases.find(({ version }) => version === request.newVersion);
  // A version that the repository does not know has no counter: it is older, or not the manufacturer's.
  const newer = releases.filter(({ counter }) => counter > (release?.counter ?? 0)).map(({ version }) => version);
  const sourceProblem = problemOf(software.source, release);
  const roles = viewOf(repository, nowMs).map(({ role, expires }) => ({ name: `${role} metadata`, expiresMs: Date.parse(expires) }));
  return {
    newerRuns: cohort.andCardinality(fleet.find({ kind: "versions", versions: newer })),
    ...(sourceProblem !== undefined && { sourceProblem }),
    metadata: [...metadata, ...roles],
  };
}

/** Of each, everybody of the tenant who has it, whatever else left them out. */
function modelsOf(fleet: FleetStore, cohort: RoaringBitmap32, { tenant, vendor }: CohortRequest, nowMs: number): readonly ModelFacts[] {
  return fleet.parts(cohort, "name").map(({ value: name, devices }) => {
    const { selected, leftOut } = fleet.select({ tenant, name, ...(vendor !== undefined && { vendor }) }, nowMs);
    const { "other tenant": _others, "wrong model": _models, ...rest } = leftOut;
    const count = Object.values(rest).reduce((sum, each) => sum + each, selected.size);
    return { name, count, targeted: devices.size };
  });
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
