/**
 * What a publisher can change, as documents without signatures: each the next version of what it replaces. Pure. Who has to
 * sign them follows from the documents themselves (bundle.ts); snapshot and timestamp are made when they are published.
 */
import { Metadata, Root, TargetFile, Targets } from "@tufjs/models";
import { customOfDelta, type Delta, deltaPath } from "../delta.ts";
import { DepotError } from "../errors.ts";
import { isRoleName, type Release, targetPath } from "../release.ts";
import { head, type Json } from "./metadata.ts";
import { type Repository, releasesOf } from "./read.ts";
import { TOP_ROLES, type TopRole } from "./role-signer.ts";
import { delegating, giveKeys, notDelegating, type RoleHolders, withoutUnusedKeys } from "./roles.ts";

export interface Draft {
  readonly root?: Metadata<Root>;
  readonly targets: ReadonlyMap<string, Metadata<Targets>>;
}

/** A new repository. Throws ERR_DEPOT_ROLE. */
export function draftRepository(roles: { readonly [role in TopRole]: RoleHolders }, nowMs: number): Draft {
  const root = new Root({ ...head(1, "root", nowMs), consistentSnapshot: true });
  for (const role of TOP_ROLES) giveKeys(root, role, roles[role]);
  return { root: new Metadata(root), targets: new Map([["targets", new Metadata(new Targets(head(1, "targets", nowMs)))]]) };
}

/** A release and its deltas, in the document of the role that answers for its model. Throws ERR_DEPOT_RELEASE, ERR_DEPOT_COUNTER. */
export function addRelease(repository: Repository, release: Release, nowMs: number, deltas: readonly Delta[] = []): Draft {
  const { vendor, name, version, counter } = release;
  const path = targetPath(vendor, name, version);
  const others = releasesOf(repository.targets).filter(({ release: other }) => other.vendor === vendor && other.name === name);
  if (others.some(({ release: other }) => other.version === version))
    throw new DepotError("ERR_DEPOT_RELEASE", `${path} is published already`);
  const newest = Math.max(0, ...others.map(({ release: other }) => other.counter));
  if (counter <= newest)
    throw new DepotError("ERR_DEPOT_COUNTER", `counter ${counter} is not above ${newest}, the newest of ${vendor} ${name}`);
  const role = answeringFor(repository, path);
  const { sha256, size, ...facts } = release;
  const added = [
    targetFile(path, { sha256, size }, facts),
    ...deltas.map((delta) => targetFile(deltaPath(release, delta.from), delta, customOfDelta(delta))),
  ];
  const { signed } = targetsOf(repository, role);
  const targets = { ...signed.targets, ...Object.fromEntries(added.map((file) => [file.path, file])) };
  return drafted(role, nextTargets(signed, nowMs, { targets }));
}

/** Takes a release and its deltas out of whatever document names them: nobody installs it any more. Throws ERR_DEPOT_RELEASE. */
export function withdraw(repository: Repository, release: Pick<Release, "vendor" | "name" | "version">, nowMs: number): Draft {
  const path = targetPath(release.vendor, release.name, release.version);
  const naming = [...repository.targets].filter(([, { signed }]) => Object.hasOwn(signed.targets, path));
  if (naming.length === 0) throw new DepotError("ERR_DEPOT_RELEASE", `${path} is not published`);
  const documents = naming.map(([role, { signed }]) => {
    const left = Object.entries(signed.targets).filter(([other]) => other !== path && !other.startsWith(deltaPath(release, "")));
    return [role, new Metadata(nextTargets(signed, nowMs, { targets: Object.fromEntries(left) }, kindOf(role)))] as const;
  });
  return { targets: new Map(documents) };
}

function targetFile(path: string, { sha256, size: length }: Pick<Release, "sha256" | "size">, custom: object): TargetFile {
  const unrecognizedFields = { custom: JSON.parse(JSON.stringify(custom)) as Json };
  return new TargetFile({ path, length, hashes: { sha256 }, unrecognizedFields });
}

/** Gives one model to people of its own: new releases of it are theirs to sign. What targets names itself goes on counting. Throws ERR_DEPOT_ROLE. */
export function delegate(
  repository: Repository,
  { role, vendor, model, ...people }: RoleHolders & { readonly role: string; readonly vendor: string; readonly model: string },
  nowMs: number,
): Draft {
  if (!isRoleName(role)) throw wrong(`"${role}" is no name of a role: a letter, then letters, digits, - and _, at most 64`);
  if (repository.targets.has(role)) throw wrong(`the role ${role} is there already`);
  const paths = [`${targetPath(vendor, model, "*").slice(0, -1)}*`];
  if (/[*?[\]{}()!+@]/.test(vendor + model)) throw wrong("a vendor or model whose name looks like a pattern cannot be delegated");
  const { signed } = targetsOf(repository, "targets");
  // A name that was used and revoked goes on counting: the snapshot remembers its versions (TUF 1.0 §5.5.5).
  const version = (repository.snapshot.signed.meta[`${role}.json`]?.version ?? 0) + 1;
  const top = nextTargets(signed, nowMs, { delegations: delegating(signed, { role, paths, ...people }) });
  return drafted("targets", top, [role, new Targets(head(version, "delegated", nowMs))]);
}

/** Takes a delegation back. What the role named is known no longer; devices keep what they run. Throws ERR_DEPOT_ROLE. */
export function revoke(repository: Repository, role: string, nowMs: number): Draft {
  checkDelegated(repository, role);
  const { signed } = targetsOf(repository, "targets");
  return drafted("targets", nextTargets(signed, nowMs, { delegations: notDelegating(signed, role) }));
}

/** Gives a role to these people. What the role had signed is signed again, by them. Throws ERR_DEPOT_ROLE. */
export function rotate(repository: Repository, role: string, people: RoleHolders, nowMs: number): Draft {
  if (isTopRole(role)) {
    const root = nextRoot(repository, nowMs);
    giveKeys(root, role, people);
    const again = role === "targets" ? drafted(role, nextTargets(targetsOf(repository, role).signed, nowMs)).targets : new Map();
    return { root: new Metadata(withoutUnusedKeys(root)), targets: again };
  }
  const { paths = [] } = checkDelegated(repository, role);
  const { signed } = targetsOf(repository, "targets");
  const top = nextTargets(signed, nowMs, { delegations: delegating(signed, { role, paths, ...people }) });
  return drafted("targets", top, [role, nextTargets(targetsOf(repository, role).signed, nowMs)]);
}

/** The same content for another term. Snapshot and timestamp are made anew with every change, so they need no naming. Throws ERR_DEPOT_ROLE. */
export function renew(repository: Repository, roles: readonly string[], nowMs: number): Draft {
  const named = roles.filter((role) => !isTopRole(role) || role === "targets");
  return {
    ...(roles.includes("root") && { root: new Metadata(nextRoot(repository, nowMs)) }),
    targets: new Map(named.map((role) => [role, new Metadata(nextTargets(targetsOf(repository, role).signed, nowMs, {}, kindOf(role)))])),
  };
}

function isTopRole(role: string): role is TopRole {
  return TOP_ROLES.some((name) => name === role);
}

function kindOf(role: string): "targets" | "delegated" {
  return role === "targets" ? "targets" : "delegated";
}

function answeringFor({ targets }: Repository, path: string): string {
  for (const { role } of targets.get("targets")?.signed.delegations?.rolesForTarget(path) ?? []) return role;
  return "targets";
}

function targetsOf({ targets }: Repository, role: string): Metadata<Targets> {
  const metadata = targets.get(role);
  if (metadata === undefined) throw wrong(`there is no role ${role}; there are ${[...targets.keys()].join(", ")}`);
  return metadata;
}

function checkDelegated(repository: Repository, role: string): { readonly paths?: string[] } {
  const delegated = targetsOf(repository, "targets").signed.delegations?.roles?.[role];
  if (delegated === undefined) throw wrong(`nothing is delegated to ${role}`);
  return delegated;
}

function drafted(role: string, document: Targets, ...more: readonly (readonly [string, Targets])[]): Draft {
  return { targets: new Map([[role, document] as const, ...more].map(([name, targets]) => [name, new Metadata(targets)])) };
}

function nextTargets(
  { version, targets, delegations }: Targets,
  nowMs: number,
  change: { readonly targets?: Targets["targets"]; readonly delegations?: NonNullable<Targets["delegations"]> } = {},
  kind: "targets" | "delegated" = "targets",
): Targets {
  return new Targets({ ...head(version + 1, kind, nowMs), targets, ...(delegations && { delegations }), ...change });
}

function nextRoot({ root: { signed } }: Repository, nowMs: number): Root {
  return new Root({
    ...head(signed.version + 1, "root", nowMs),
    keys: { ...signed.keys },
    roles: { ...signed.roles },
    consistentSnapshot: true,
  });
}

function wrong(message: string): DepotError {
  return new DepotError("ERR_DEPOT_ROLE", message);
}
