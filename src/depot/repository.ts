/**
 * The image repository (TUF 1.0): who says what may ever run. This file is the way in for whoever has all keys at hand: each call
 * drafts a change, has it signed and publishes it. Keys that lie elsewhere go the same way in three steps (repository/).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BlobStore } from "./blob-store.ts";
import { DepotError } from "./errors.ts";
import { checkRelease, type Release, targetPath } from "./release.ts";
import { bundleOf, signBundle } from "./repository/bundle.ts";
import { addRelease, type Draft, draftRepository, renew } from "./repository/changes.ts";
import { storeDeltas } from "./repository/deltas.ts";
import { publishBundle, type PublishOptions } from "./repository/publish.ts";
import { type Repository, readRepository } from "./repository/read.ts";
import { type RepositoryKeys, type RoleKey, signerOf, TOP_ROLES, type TopRole } from "./repository/role-signer.ts";
import type { RoleHolders } from "./repository/roles.ts";

export { generateRepositoryKeys, type RepositoryKeys } from "./repository/role-signer.ts";

/** What a publisher says; digest and size come from the bytes. */
export type NewRelease = Omit<Release, "sha256" | "size">;

interface WithKeys {
  readonly keys: RepositoryKeys;
  readonly nowMs: number;
}

export interface Publication extends WithKeys {
  readonly release: NewRelease;
  /** Bytes, or a file's path. */
  readonly image: Uint8Array | string;
  /** Earlier versions whose devices need not fetch the whole image. */
  readonly deltasFrom?: readonly string[];
}

/** Makes an empty repository in `dir`; devices are pinned to its `metadata/1.root.json`. Throws ERR_DEPOT_REPOSITORY if there is one. */
export async function createRepository(dir: string, { keys, nowMs }: WithKeys): Promise<void> {
  checkNoRepository(dir);
  const one = (key: RoleKey): RoleHolders => ({ holders: [key], threshold: 1 });
  const { root, targets, snapshot, timestamp } = keys;
  const roles: { [role in TopRole]: RoleHolders } = {
    root: one(root),
    targets: one(targets),
    snapshot: one(snapshot),
    timestamp: one(timestamp),
  };
  await publishDraft(dir, undefined, draftRepository(roles, nowMs), { signers: signersOf(keys), nowMs });
}

/** Throws ERR_DEPOT_REPOSITORY. */
export function checkNoRepository(dir: string): void {
  if (existsSync(join(dir, "metadata", "timestamp.json")))
    throw new DepotError("ERR_DEPOT_REPOSITORY", `${dir} has an image repository already`);
}

/** Stores the blob, adds the release, signs. Throws ERR_DEPOT_RELEASE, ERR_DEPOT_COUNTER, ERR_DEPOT_THRESHOLD, ERR_DEPOT_REPOSITORY. */
export async function publishRelease(dir: string, publication: Publication): Promise<Release> {
  const { keys, release: said, image, nowMs, deltasFrom = [] } = publication;
  const repository = await readRepository(dir);
  const release = await storeRelease(dir, said, image);
  const { deltas } = await storeDeltas(dir, repository, release, deltasFrom);
  await publishDraft(dir, repository, addRelease(repository, release, nowMs, deltas), { signers: signersOf(keys), nowMs });
  return release;
}

/** Stores the bytes and says what the release is then. Throws ERR_DEPOT_RELEASE. */
export async function storeRelease(dir: string, said: NewRelease, image: Uint8Array | string): Promise<Release> {
  // Before the bytes: what is described wrongly leaves nothing behind.
  targetPath(said.vendor, said.name, said.version);
  return checkRelease({ ...said, ...(await new BlobStore(dir).put(image)) });
}

/** Signs the repository's content as it stands for another term, before the old one ends. Throws ERR_DEPOT_THRESHOLD, ERR_DEPOT_REPOSITORY. */
export async function renewRepository(dir: string, { keys, nowMs }: WithKeys): Promise<void> {
  const repository = await readRepository(dir);
  await publishDraft(dir, repository, renew(repository, ["targets"], nowMs), { signers: signersOf(keys), nowMs });
}

/** Signs a draft with these keys, which have to be enough, and publishes it. Throws the codes of publishBundle. */
export async function publishDraft(dir: string, repository: Repository | undefined, draft: Draft, options: PublishOptions): Promise<void> {
  await publishBundle(dir, await signBundle(bundleOf(repository, draft), options.signers), options);
}

function signersOf(keys: RepositoryKeys) {
  return TOP_ROLES.map((role) => signerOf(keys[role]));
}
