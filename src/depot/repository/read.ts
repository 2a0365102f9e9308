/**
 * Reads an image repository for those who work on it. Everything is verified, from the pinned root on: a publisher must not be
 * made to sign what somebody slipped into the folder. Expiry is not looked at: an expired repository is renewed from here.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";
import { type Delta, deltaFromTarget, isDeltaPath } from "../delta.ts";
import { DepotError } from "../errors.ts";
import { type Release, releaseFromTarget } from "../release.ts";
import { type Json, rootFrom, targetsFrom } from "./metadata.ts";

export interface Repository {
  /** From the pinned one to the newest. */
  readonly roots: readonly Metadata<Root>[];
  readonly root: Metadata<Root>;
  readonly timestamp: Metadata<Timestamp>;
  readonly snapshot: Metadata<Snapshot>;
  /** "targets" first, then the roles that it delegates to, in its order. */
  readonly targets: ReadonlyMap<string, Metadata<Targets>>;
  /** SHA-256 of timestamp.json: the state that a change is made on. */
  readonly state: string;
}

export interface ReadOptions {
  /** Root metadata that is believed without being signed by another. Default: the folder's own first, which whoever writes there can replace. */
  readonly trustedRoot?: Uint8Array | undefined;
  /** Newest root to be looked at: one that a cut left behind without its timestamp is written again. */
  readonly rootVersionMax?: number;
}

/** `dir` holds `metadata/`. Throws ERR_DEPOT_REPOSITORY. */
export async function readRepository(dir: string, options: ReadOptions = {}): Promise<Repository> {
  try {
    const roots = await readRoots(dir, options);
    const root = roots.at(-1);
    if (root === undefined) throw new Error("it has no root metadata");
    const timestampBytes = await readMetadata(dir, "timestamp.json");
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, parse(timestampBytes));
    root.verifyDelegate("timestamp", timestamp);
    const { snapshotMeta } = timestamp.signed;
    const snapshotBytes = await readMetadata(dir, `${snapshotMeta.version}.snapshot.json`);
    snapshotMeta.verify(snapshotBytes);
    const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, parse(snapshotBytes));
    root.verifyDelegate("snapshot", snapshot);
    const targets = await readTargets(dir, root, snapshot.signed);
    return { roots, root, timestamp, snapshot, targets, state: sha256(timestampBytes) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DepotError("ERR_DEPOT_REPOSITORY", `the image repository in ${dir} cannot be gone on with: ${why}`, { cause });
  }
}

/** What the repository names, each release with the role that answers for it. Throws ERR_DEPOT_RELEASE. */
export function releasesOf(
  targets: ReadonlyMap<string, Metadata<Targets>>,
): readonly { readonly role: string; readonly release: Release }[] {
  return [...targets].flatMap(([role, { signed }]) =>
    Object.values(signed.targets)
      .filter(({ path }) => !isDeltaPath(path))
      .map((target) => ({ role, release: releaseFromTarget(target.path, target) })),
  );
}

/** The deltas that it names. Throws ERR_DEPOT_RELEASE. */
export function deltasOf(targets: ReadonlyMap<string, Metadata<Targets>>): readonly Delta[] {
  return [...targets.values()].flatMap(({ signed }) =>
    Object.values(signed.targets)
      .filter(({ path }) => isDeltaPath(path))
      .map((target) => deltaFromTarget(target.path, target)),
  );
}

async function readRoots(dir: string, { trustedRoot, rootVersionMax = Number.POSITIVE_INFINITY }: ReadOptions): Promise<Metadata<Root>[]> {
  const first = rootFrom(parse(trustedRoot ?? (await readMetadata(dir, "1.root.json"))));
  first.verifyDelegate("root", first);
  const roots = [first];
  for (let newest = first; newest.signed.version < rootVersionMax; ) {
    const bytes = await readMetadata(dir, `${newest.signed.version + 1}.root.json`).catch(() => undefined);
    if (bytes === undefined) break;
    const next = rootFrom(parse(bytes));
    if (next.signed.version !== newest.signed.version + 1) throw new Error("a root's version is not that of its file");
    newest.verifyDelegate("root", next);
    next.verifyDelegate("root", next);
    roots.push(next);
    newest = next;
  }
  return roots;
}

async function readTargets(dir: string, root: Metadata<Root>, { meta }: Snapshot): Promise<ReadonlyMap<string, Metadata<Targets>>> {
  const read = async (role: string, delegator: Metadata<Root> | Metadata<Targets>): Promise<Metadata<Targets>> => {
    const facts = meta[`${role}.json`];
    if (facts === undefined) throw new Error(`the snapshot does not know ${role}`);
    const bytes = await readMetadata(dir, `${facts.version}.${role}.json`);
    facts.verify(bytes);
    const metadata = targetsFrom(parse(bytes));
    delegator.verifyDelegate(role, metadata);
    return metadata;
  };
  const top = await read("targets", root);
  const all = new Map([["targets", top]]);
  for (const role of Object.keys(top.signed.delegations?.roles ?? {})) all.set(role, await read(role, top));
  return all;
}

function readMetadata(dir: string, name: string): Promise<Buffer> {
  return readFile(join(dir, "metadata", name));
}

function parse(bytes: Uint8Array): Json {
  return JSON.parse(new TextDecoder().decode(bytes)) as Json;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
