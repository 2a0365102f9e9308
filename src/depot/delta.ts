/**
 * A delta: the way from one image to another, in fewer bytes than the other has. It is a target of its own beside that of its
 * release, so it is signed, copied and renewed like one. Nothing is believed because a delta made it: what comes out must have
 * the release's own length and digest.
 */
import { DepotError } from "./errors.ts";
import { BLOB_BYTES_MAX } from "./limits.ts";
import { isDigest, type Release, releaseFromTarget, type TargetFacts, targetPath } from "./release.ts";

/** zstd, with the image that it starts from as dictionary (docs/adr/0041). A reader that does not know the word leaves the delta alone. */
const FORMAT = "zstd";

/** All digests are SHA-256 in lower-case hex. */
export interface Delta {
  /** The image that it starts from. */
  readonly from: string;
  /** The image that it makes. */
  readonly to: string;
  /** Of the delta itself. */
  readonly sha256: string;
  /** Of the delta itself. bytes */
  readonly size: number;
}

/**
 * `<the release's path>@<digest that it starts from>`: in the same folder, so whoever may sign the release may sign it. No
 * release has this path, because encoded words hold no `@`. Pure. Throws ERR_DEPOT_RELEASE.
 */
export function deltaPath({ vendor, name, version }: Pick<Release, "vendor" | "name" | "version">, from: string): string {
  return `${targetPath(vendor, name, version)}@${from}`;
}

export function isDeltaPath(path: string): boolean {
  return path.includes("@");
}

/** The delta that a verified target describes. Pure. Throws ERR_DEPOT_RELEASE. */
export function deltaFromTarget(path: string, { length, hashes, custom }: TargetFacts): Delta {
  const { format, from, to } = (custom["delta"] ?? {}) as { readonly [member: string]: unknown };
  const sha256 = hashes["sha256"];
  const isSized = Number.isSafeInteger(length) && length > 0 && length <= BLOB_BYTES_MAX;
  if (format !== FORMAT || !isDigest(from) || !isDigest(to) || !isDigest(sha256) || !isSized || !path.endsWith(`@${from}`))
    throw new DepotError("ERR_DEPOT_RELEASE", `the target ${path} describes no delta that is known here`);
  return { from, to, sha256, size: length };
}

/** What `custom` says of it. */
export function customOfDelta({ from, to }: Delta) {
  return { delta: { format: FORMAT, from, to } };
}

/** Digest and size of any target's bytes. Pure. Throws ERR_DEPOT_RELEASE. */
export function blobOfTarget(path: string, facts: TargetFacts): Pick<Delta, "sha256" | "size"> {
  return isDeltaPath(path) ? deltaFromTarget(path, facts) : releaseFromTarget(path, facts);
}
