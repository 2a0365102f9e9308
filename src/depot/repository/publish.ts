/**
 * Makes a signed bundle the repository: verifies it as a device would, adds snapshot and timestamp with the keys that are at
 * hand, and writes. Consistent snapshots (TUF 1.0 §6.2): numbered files first, `timestamp.json` last, so that a reader, or a
 * power cut, sees the old repository or the new one. After a cut the same bundle is published again. One publisher at a time.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Metadata, Snapshot, Timestamp } from "@tufjs/models";
import { BlobStore } from "../blob-store.ts";
import { replaceFile } from "../client/atomic-file.ts";
import { blobOfTarget } from "../delta.ts";
import { DepotError } from "../errors.ts";
import { type Bundle, demandsOf, fileOf, isAsked } from "./bundle.ts";
import { bytesOf, type Delegator, type Document, head, metaFile, signed, standingOf } from "./metadata.ts";
import { readRepository } from "./read.ts";
import type { RoleSigner } from "./role-signer.ts";

export interface PublishOptions {
  /** Those who hold snapshot and timestamp. */
  readonly signers: readonly RoleSigner[];
  readonly trustedRoot?: Uint8Array | undefined;
  readonly nowMs: number;
}

/** Throws ERR_DEPOT_BUNDLE, ERR_DEPOT_THRESHOLD, ERR_DEPOT_BLOB_NOT_FOUND, ERR_DEPOT_REPOSITORY. */
export async function publishBundle(dir: string, bundle: Bundle, { signers, trustedRoot, nowMs }: PublishOptions): Promise<void> {
  const { roots, draft, state } = bundle;
  const isNew = roots.length === 0;
  const rootVersionMax = roots.at(-1)?.signed.version ?? 0;
  const repository = isNew ? undefined : await readRepository(dir, { trustedRoot, rootVersionMax });
  if ((repository?.state ?? "") !== state)
    throw new DepotError("ERR_DEPOT_BUNDLE", "the repository has changed since the bundle was prepared");
  // What the bundle says of the present is for those who sign it; here it is the repository that counts.
  const current: Bundle = { ...bundle, roots: repository?.roots ?? [], before: repository?.targets ?? new Map() };
  for (const { file, role, document, delegator } of demandsOf(current)) checkSigned(file, role, document, delegator);
  checkVersions(current);
  await checkBlobs(dir, bundle);
  const root = draft.root ?? repository?.root;
  if (root === undefined) throw new DepotError("ERR_DEPOT_BUNDLE", "there is no root metadata");

  const files = [...draft.targets].map(([role, document]) => ({ role, file: fileOf(role, document), bytes: bytesOf(document), document }));
  const changed = Object.fromEntries(files.map(({ role, bytes, document }) => [`${role}.json`, metaFile(document.signed.version, bytes)]));
  const meta = { ...repository?.snapshot.signed.meta, ...changed };
  const snapshotVersion = (repository?.snapshot.signed.version ?? 0) + 1;
  const snapshot = await signedBy(
    root,
    "snapshot",
    new Metadata(new Snapshot({ ...head(snapshotVersion, "snapshot", nowMs), meta })),
    signers,
  );
  const snapshotBytes = bytesOf(snapshot);
  const timestampVersion = (repository?.timestamp.signed.version ?? 0) + 1;
  const pointing = { ...head(timestampVersion, "timestamp", nowMs), snapshotMeta: metaFile(snapshotVersion, snapshotBytes) };
  const timestamp = await signedBy(root, "timestamp", new Metadata(new Timestamp(pointing)), signers);

  await mkdir(join(dir, "metadata"), { recursive: true });
  const write = (file: string, bytes: Uint8Array) => replaceFile(join(dir, "metadata", file), bytes);
  for (const { file, bytes } of files) await write(file, bytes);
  await write(fileOf("snapshot", snapshot), snapshotBytes);
  if (draft.root !== undefined) await write(fileOf("root", draft.root), bytesOf(draft.root));
  await write("timestamp.json", bytesOf(timestamp));
}

async function signedBy<T extends Document>(
  root: Delegator,
  role: string,
  document: Metadata<T>,
  signers: readonly RoleSigner[],
): Promise<Metadata<T>> {
  let metadata = document;
  for (const signer of signers) if (isAsked(signer, role, root)) metadata = await signed(metadata, signer);
  checkSigned(fileOf(role, metadata), role, metadata, root);
  return metadata;
}

function checkSigned(file: string, role: string, document: Metadata<Document>, delegator: Delegator): void {
  const { threshold, signed: persons, missing } = standingOf(delegator, role, document);
  if (persons.length >= threshold) return;
  const who = `${delegator.signed.type} ${delegator.signed.version} asks for ${threshold} signatures`;
  throw new DepotError(
    "ERR_DEPOT_THRESHOLD",
    `${file}: ${who}, ${persons.length} fit (${persons.join(", ") || "nobody"}); missing of ${missing.join(", ") || "nobody"}`,
  );
}

/** A draft follows what is published: devices refuse a gap in roots and a step back in the others. */
function checkVersions({ roots, before, draft }: Bundle): void {
  const rootVersion = draft.root?.signed.version ?? 0;
  if (draft.root !== undefined && rootVersion !== (roots.at(-1)?.signed.version ?? 0) + 1)
    throw new DepotError("ERR_DEPOT_BUNDLE", `root ${rootVersion} does not follow what is published`);
  for (const [role, { signed: document }] of draft.targets)
    if (document.version <= (before.get(role)?.signed.version ?? 0))
      throw new DepotError("ERR_DEPOT_BUNDLE", `${role} ${document.version} does not follow what is published`);
}

async function checkBlobs(dir: string, { draft }: Bundle): Promise<void> {
  for (const target of [...draft.targets.values()].flatMap(({ signed: { targets } }) => Object.values(targets))) {
    const { sha256 } = blobOfTarget(target.path, target);
    const blob = await new BlobStore(dir).open(sha256);
    if (blob === undefined) throw new DepotError("ERR_DEPOT_BLOB_NOT_FOUND", `${dir} does not hold ${sha256} of ${target.path}`);
    await blob.close();
  }
}
