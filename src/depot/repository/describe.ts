/** What people are shown: the repository as it stands, and what a bundle would change of it. Pure. */
import type { Metadata, TargetFile, Targets } from "@tufjs/models";
import { deltaFromTarget, isDeltaPath } from "../delta.ts";
import { releaseFromTarget } from "../release.ts";
import { type Bundle, type DemandStanding, fileOf, standingsOf } from "./bundle.ts";
import { type Delegator, type Document, roleOf, standingOf } from "./metadata.ts";
import { type Repository, releasesOf } from "./read.ts";
import { personOf, TOP_ROLES } from "./role-signer.ts";

const DAY_MS = 86_400_000;

export interface RoleView {
  readonly role: string;
  readonly version: number;
  readonly expires: string;
  /** Whole days until then; below 0 it is over. */
  readonly daysLeft: number;
  readonly threshold: number;
  /** Who signed this version. */
  readonly signed: readonly string[];
  /** Who may, and did not. */
  readonly others: readonly string[];
  /** Of which models it has the say; absent for the roles at the top. */
  readonly paths?: readonly string[];
  /** How many it names. */
  readonly releases: number;
}

export function viewOf(repository: Repository, nowMs: number): readonly RoleView[] {
  const { root, timestamp, snapshot, targets } = repository;
  const releases = releasesOf(targets);
  const view = (role: string, document: Metadata<Document>, delegator: Delegator, paths?: readonly string[]): RoleView => {
    const { threshold, signed, missing } = standingOf(delegator, role, document);
    const { version, expires } = document.signed;
    const daysLeft = Math.floor((Date.parse(expires) - nowMs) / DAY_MS);
    const named = releases.filter((item) => item.role === role).length;
    return { role, version, expires, daysLeft, threshold, signed, others: missing, ...(paths && { paths }), releases: named };
  };
  const top = targets.get("targets");
  const delegated = [...targets].flatMap(([role, document]) =>
    role === "targets" || top === undefined ? [] : [view(role, document, top, top.signed.delegations?.roles?.[role]?.paths ?? [])],
  );
  return [
    view("root", root, root),
    ...(top ? [view("targets", top, root)] : []),
    ...delegated,
    view("snapshot", snapshot, root),
    view("timestamp", timestamp, root),
  ];
}

export interface BundleView {
  /** Each a sentence that a person can answer for. */
  readonly changes: readonly string[];
  readonly standings: readonly DemandStanding[];
}

/** Throws ERR_DEPOT_BUNDLE, ERR_DEPOT_RELEASE. */
export function changesOf(bundle: Bundle): BundleView {
  const { roots, before, draft } = bundle;
  const changes: string[] = [];
  if (draft.root !== undefined) {
    changes.push(`${fileOf("root", draft.root)} expires ${draft.root.signed.expires}`);
    const old = roots.at(-1);
    for (const role of TOP_ROLES) changes.push(...holdersChanged(role, old, draft.root));
  }
  const oldTop = before.get("targets");
  for (const [role, document] of draft.targets) {
    changes.push(`${fileOf(role, document)} expires ${document.signed.expires}`);
    const [was, is] = [before.get(role), document].map((metadata) => releasesIn(metadata));
    for (const [path, release] of is ?? [])
      if (was?.get(path) !== release) changes.push(`  ${was?.has(path) ? "CHANGES" : "adds"} ${release}`);
    for (const [path, release] of was ?? []) if (!is?.has(path)) changes.push(`  removes ${release}`);
    changes.push(`  leaves ${[...(is ?? [])].filter(([path, release]) => was?.get(path) === release).length} as they are`);
    if (role === "targets") {
      const names = new Set([oldTop, document].flatMap((metadata) => Object.keys(metadata?.signed.delegations?.roles ?? {})));
      for (const name of names) changes.push(...holdersChanged(name, oldTop, document));
    }
  }
  return { changes, standings: standingsOf(bundle) };
}

function releasesIn(metadata: Metadata<Targets> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.values(metadata?.signed.targets ?? {}).map((file) => [file.path, sentenceOf(file)]));
}

function sentenceOf(file: TargetFile): string {
  if (isDeltaPath(file.path)) {
    const { from, to, sha256, size } = deltaFromTarget(file.path, file);
    return `a delta from ${from} to ${to}: sha256 ${sha256}, ${size} bytes`;
  }
  const { vendor, name, version, counter, hardware, sha256, size, precursors, sbom } = releaseFromTarget(file.path, file);
  const over = precursors === undefined ? "" : ` over ${precursors.join(", ")}`;
  const inside = sbom === undefined ? "" : ` sbom ${sbom.url} ${sbom.sha256}`;
  return `${vendor} ${name} ${version} counter ${counter} for ${hardware.join(", ") || "any hardware"}: sha256 ${sha256}, ${size} bytes${over}${inside}`;
}

function holdersChanged(role: string, before: Delegator | undefined, after: Delegator): readonly string[] {
  const [was, is] = [before, after].map((delegator) => delegator && sayOf(delegator, role));
  return was === is ? [] : [`  ${role}: ${is ?? "nobody"}${was === undefined ? "" : `; until now ${was}`}`];
}

/** The key too: a person with another key is a change. */
function sayOf(delegator: Delegator, role: string): string | undefined {
  const { keys, threshold } = roleOf(delegator, role);
  return keys.length === 0 ? undefined : `${threshold} of ${keys.map((key) => `${personOf(key)} (${key.keyID.slice(0, 8)})`).join(", ")}`;
}
