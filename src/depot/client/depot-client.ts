/**
 * The device's side of the depot: looks releases up in the image repository and fetches blobs by digest, from the depots
 * that the device was pinned to and from nowhere else. Mirrors are not trusted: metadata is verified here; a blob's
 * bytes are hashed by the caller, who writes them. Who asks for a blob once more begins with the next mirror, so bytes that
 * failed their digest are not asked of the same mirror again first.
 */
import { setTimeout as sleepFor } from "node:timers/promises";
import type { Clock } from "../../trust/clock.ts";
import { type Delta, deltaFromTarget, deltaPath } from "../delta.ts";
import { DepotError } from "../errors.ts";
import { BYTES_PER_SECOND_MIN, PATIENCE_MS, PROGRESS_BYTES } from "../limits.ts";
import { type Release, releaseFromTarget, targetPath } from "../release.ts";
import type { KeepingDisk } from "./atomic-file.ts";
import { type DeviceTls, exchange } from "./exchange.ts";
import type { NamedTargets } from "./delegations.ts";
import { ImageMetadata } from "./image-metadata.ts";
import { MirrorFailure, Mirrors, type Patience } from "./mirrors.ts";
import type { Rate } from "./rate-watch.ts";

export interface DepotClientOptions {
  /** Base URLs of depots that hold the same, `https://host:port`, in the order in which they are asked. */
  readonly depots: readonly string[];
  readonly tls: DeviceTls;
  /** Folder for the newest verified metadata; made if it is missing. */
  readonly tufDir: string;
  /** What that folder lies on. Default: the machine's. */
  readonly disk?: KeepingDisk;
  /** Bytes of the root metadata that the device was pinned to (1.root.json). */
  readonly trustedRoot: Uint8Array;
  readonly clock: Clock;
  /** 0..1, for back-off. */
  readonly random: () => number;
  /** Slower mirrors are left. Default 1024. */
  readonly minBytesPerSecond?: number;
  /** How long a mirror may owe bytes at that rate, its answer included. Default 15,000. */
  readonly patienceMs?: number;
  /** Waits between attempts. Default: a timer. */
  readonly sleep?: Patience["sleep"];
}

/** A release, and how to get there from the image that the device has, if there is a way. */
export type Offer = Release & { readonly delta?: Delta };

export interface BlobRequest {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes of the whole blob: not one more is taken. */
  readonly size: number;
  /** Bytes that the device has already. */
  readonly startAt: number;
  /** Takes the next bytes in order; the next ones come when it has resolved. What it throws ends the transfer. */
  readonly onChunk: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

export class DepotClient {
  readonly #options: DepotClientOptions;
  readonly #metadata: ImageMetadata;
  readonly #patience: Patience;
  readonly #rate: Rate;
  /** The blob that was asked for last, and how often in a row before that. */
  #asked = { sha256: "", times: 0 };

  constructor(options: DepotClientOptions) {
    const { tufDir, trustedRoot, clock, random, disk } = options;
    this.#options = options;
    this.#metadata = new ImageMetadata({ dir: tufDir, trustedRoot, clock, disk });
    this.#patience = { random, sleep: options.sleep ?? ((ms, signal) => sleepFor(ms, undefined, signal && { signal })) };
    this.#rate = { bytesPerSecondMin: options.minBytesPerSecond ?? BYTES_PER_SECOND_MIN, patienceMs: options.patienceMs ?? PATIENCE_MS };
  }

  /**
   * What the image repository says of a release, verified now. `installed` is the SHA-256 of the image that the device has.
   * Throws DepotError: ERR_DEPOT_RELEASE_NOT_FOUND, ERR_DEPOT_METADATA (_EXPIRED, _ROLLBACK, _SIGNATURE), ERR_DEPOT_UNREACHABLE,
   * ERR_DEPOT_SLOW, ERR_DEPOT_ABORTED.
   */
  async release(
    vendor: string,
    name: string,
    version: string,
    { installed, signal }: { readonly installed?: string; readonly signal?: AbortSignal } = {},
  ): Promise<Offer> {
    const path = targetPath(vendor, name, version);
    return this.#mirrors(0).visit(async (mirror) => {
      const named = await this.#metadata.naming(path, (file, bytesMax) => this.#fetchMetadata(mirror, file, bytesMax, signal));
      const target = named?.get(path);
      if (named === undefined || target === undefined) throw new MirrorFailure("ERR_DEPOT_RELEASE_NOT_FOUND", `knows no release ${path}`);
      const release = releaseFromTarget(path, target);
      const delta = installed === undefined ? undefined : deltaIn(named, deltaPath(release, installed));
      return delta === undefined ? release : { ...release, delta };
    }, signal);
  }

  /**
   * Fetches a blob's bytes from `startAt` to its end, resuming at other mirrors where one fails. Throws DepotError:
   * ERR_DEPOT_BLOB_NOT_FOUND, _UNREACHABLE, _BUSY, _CUT, _SLOW, _TOO_LONG, _RESPONSE, _ABORTED; and what `onChunk` throws.
   */
  async fetchBlob({ sha256, size, startAt, onChunk, signal }: BlobRequest): Promise<void> {
    this.#asked = { sha256, times: sha256 === this.#asked.sha256 ? this.#asked.times + 1 : 0 };
    const mirrors = this.#mirrors(this.#asked.times);
    let position = startAt;
    let creditedTo = startAt;
    const take = async (bytes: Uint8Array): Promise<void> => {
      await onChunk(bytes);
      position += bytes.length;
      if (position - creditedTo < PROGRESS_BYTES) return;
      creditedTo = position;
      mirrors.progressed();
    };
    await mirrors.visit(async (mirror) => {
      if (position === size) return;
      await this.#fetchRest(`${mirror}/blobs/sha256/${sha256}`, position, size, take, signal);
      if (position < size) throw new MirrorFailure("ERR_DEPOT_CUT", `ended after ${position} of ${size} bytes`);
    }, signal);
  }

  async #fetchRest(url: string, from: number, size: number, onChunk: BlobRequest["onChunk"], signal?: AbortSignal): Promise<void> {
    await exchange({
      url,
      tls: this.#options.tls,
      rate: this.#rate,
      signal,
      ...(from > 0 && { range: `bytes=${from}-` }),
      accept: (response) => {
        checkBlobAnswer(response, from, size);
        return size - from;
      },
      onChunk,
    });
  }

  async #fetchMetadata(mirror: string, file: string, bytesMax: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    let isThere = true;
    await exchange({
      url: `${mirror}/metadata/${file}`,
      tls: this.#options.tls,
      rate: this.#rate,
      signal,
      accept: ({ status }) => {
        isThere = status === 200;
        if (!isThere && status !== 404) throw new MirrorFailure("ERR_DEPOT_RESPONSE", `answered ${status} for ${file}`);
        return bytesMax;
      },
      onChunk: (bytes) => void chunks.push(bytes),
    });
    return isThere ? Buffer.concat(chunks) : undefined;
  }

  #mirrors(first: number): Mirrors {
    return new Mirrors(this.#options.depots, first, this.#patience);
  }
}

/** A delta of a kind that is not known here is none: the full image is always there. */
function deltaIn(named: NamedTargets, path: string): Delta | undefined {
  const target = named.get(path);
  try {
    return target && deltaFromTarget(path, target);
  } catch (error) {
    if (error instanceof DepotError) return undefined;
    throw error;
  }
}

/** The answer is the rest of this blob and nothing else (RFC 9110 §15.3.7). */
function checkBlobAnswer({ status, headers }: Response, from: number, size: number): void {
  if (status === 404) throw new MirrorFailure("ERR_DEPOT_BLOB_NOT_FOUND", "does not have the blob");
  if (from === 0 && status === 200) return;
  const expected = `bytes ${from}-${size - 1}/${size}`;
  const given = headers.get("content-range");
  if (status !== 206 || given !== expected) {
    throw new MirrorFailure("ERR_DEPOT_RESPONSE", `answered ${status} with range ${given ?? "none"}, not ${expected}`);
  }
}
