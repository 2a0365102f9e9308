/**
 * A release: the signed description of what may run. Its target path in the image repository names vendor, name and
 * version; the custom facts beside digest and length are ours. Both ends use this file: the publisher writes what the
 * device reads, and the device believes nothing that has not exactly this shape.
 */
import { DepotError } from "./errors.ts";
import { BLOB_BYTES_MAX, RELEASE_HARDWARE_MAX, RELEASE_PRECURSORS_MAX, RELEASE_WORD_CHARS_MAX } from "./limits.ts";

export interface Release {
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  /** Release counter: grows with each release of a vendor and name. Versions are never ordered by their text. */
  readonly counter: number;
  /** Hardware that the image runs on; none means any. */
  readonly hardware: readonly string[];
  /** Lower-case hex. */
  readonly sha256: string;
  /** bytes */
  readonly size: number;
  /** URL of the origin. It identifies; devices fetch by digest from their own depots. */
  readonly source: string;
  /** SHA-256 of the images that it may be installed over, lower-case hex; absent means any. */
  readonly precursors?: readonly string[];
  /** What is inside: a bill of materials at a URL, and its SHA-256 in lower-case hex. */
  readonly sbom?: { readonly url: string; readonly sha256: string };
}

/** What the repository's targets metadata says of one target (TUF 1.0 §4.5). */
export interface TargetFacts {
  readonly length: number;
  readonly hashes: { readonly [algorithm: string]: string };
  readonly custom: { readonly [name: string]: unknown };
}

/** `<vendor>/<name>/<version>`, each part percent-encoded so that no two releases share a path. Pure. Throws ERR_DEPOT_RELEASE. */
export function targetPath(vendor: string, name: string, version: string): string {
  return [vendor, name, version].map((word) => encodeURIComponent(checkedWord(word))).join("/");
}

/** Pure. Throws ERR_DEPOT_RELEASE. */
export function checkRelease(release: Release): Release {
  targetPath(release.vendor, release.name, release.version);
  const { counter, hardware, sha256, size, source, precursors, sbom } = release;
  if (!Number.isSafeInteger(counter) || counter < 1) throw wrong(`counter ${counter} is not a positive integer`);
  if (!Array.isArray(hardware) || hardware.length > RELEASE_HARDWARE_MAX)
    throw wrong(`hardware is not a list of at most ${RELEASE_HARDWARE_MAX}`);
  hardware.forEach(checkedWord);
  if (!isDigest(sha256)) throw wrong("sha256 is not 64 lower-case hex digits");
  if (!Number.isSafeInteger(size) || size < 1 || size > BLOB_BYTES_MAX) throw wrong(`size ${size} is not between 1 and ${BLOB_BYTES_MAX}`);
  if (typeof source !== "string" || !URL.canParse(source)) throw wrong("source is not a URL");
  if (precursors !== undefined && !isPrecursors(precursors))
    throw wrong(`precursors are not 1 to ${RELEASE_PRECURSORS_MAX} SHA-256 digests`);
  if (sbom !== undefined && !isSbom(sbom)) throw wrong("sbom is not a URL and a SHA-256 digest");
  return release;
}

/** The release that a verified target describes. Pure. Throws ERR_DEPOT_RELEASE. */
export function releaseFromTarget(path: string, { length, hashes, custom }: TargetFacts): Release {
  const { vendor, name, version, counter, hardware, source, precursors, sbom } = custom as Partial<Release>;
  const optional = { ...(precursors !== undefined && { precursors }), ...(sbom !== undefined && { sbom }) };
  const release = { vendor, name, version, counter, hardware, sha256: hashes["sha256"], size: length, source, ...optional } as Release;
  checkRelease(release);
  if (targetPath(release.vendor, release.name, release.version) !== path) throw wrong(`the target ${path} describes another release`);
  return release;
}

/** Names of delegated roles are file names too. A letter first: JavaScript would put names that are numbers out of their order. */
export function isRoleName(name: string): boolean {
  return /^[A-Za-z][\w-]{0,63}$/.test(name) && !["root", "targets", "snapshot", "timestamp"].includes(name);
}

export function isDigest(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

function isPrecursors(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0 && list.length <= RELEASE_PRECURSORS_MAX && list.every(isDigest);
}

function isSbom(value: unknown): boolean {
  const { url, sha256 } = (value ?? {}) as { readonly url?: unknown; readonly sha256?: unknown };
  return typeof url === "string" && URL.parse(url)?.protocol === "https:" && isDigest(sha256);
}

function checkedWord(word: unknown): string {
  const isText = typeof word === "string" && word.length > 0 && word.length <= RELEASE_WORD_CHARS_MAX && word.isWellFormed();
  // A name that people read before they sign has no invisible characters.
  if (!isText || /\p{Cc}/u.test(word))
    throw wrong(`${JSON.stringify(word)} is not a name of 1 to ${RELEASE_WORD_CHARS_MAX} printable characters`);
  return word;
}

function wrong(message: string): DepotError {
  return new DepotError("ERR_DEPOT_RELEASE", message);
}
