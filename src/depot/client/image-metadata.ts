/**
 * What a device believes of the image repository: TUF's client workflow (TUF 1.0 §5) in the specification's order. The
 * rules are tuf-js's TrustedMetadataStore; this file decides what to load. tuf-js's own Updater is not used because it
 * reads the wall clock (a device may have none), replaces its files in place (a power cut would lose the rollback
 * floor) and turns most failures into text. Files already on the device are not asked for again.
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { BadVersionError, EqualVersionError, ExpiredMetadataError } from "tuf-js/dist/error.js";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import type { Clock } from "../../trust/clock.ts";
import { METADATA_BYTES_MAX, ROOT_ROTATIONS_MAX } from "../limits.ts";
import type { TargetFacts } from "../release.ts";
import { replaceFile } from "./atomic-file.ts";
import { MirrorFailure } from "./mirrors.ts";

/** A metadata file from one mirror; undefined if the mirror does not have it. */
export type FetchMetadata = (file: string, bytesMax: number) => Promise<Uint8Array | undefined>;

export interface ImageMetadataOptions {
  /** The device's own folder; made if it is missing. */
  readonly dir: string;
  /** The root metadata that the device was pinned to. */
  readonly trustedRoot: Uint8Array;
  readonly clock: Clock;
}

export class ImageMetadata {
  readonly #options: ImageMetadataOptions;

  constructor(options: ImageMetadataOptions) {
    this.#options = options;
  }

  /** Refreshes from one mirror and looks a target up. Throws MirrorFailure; file errors of the device pass through. */
  async target(path: string, fetchMetadata: FetchMetadata): Promise<TargetFacts | undefined> {
    await mkdir(this.#options.dir, { recursive: true });
    const store = await this.#openStore();
    await this.#updateRoot(store, fetchMetadata);
    await this.#updateTimestamp(store, fetchMetadata);
    await this.#updateSnapshot(store, fetchMetadata);
    await this.#updateTargets(store, fetchMetadata);
    return Object.entries(store.targets?.signed.targets ?? {}).find(([name]) => name === path)?.[1];
  }

  /** A root file of our own that a failing disk has damaged is as good as none: the pinned one leads to the newest again. */
  async #openStore(): Promise<TrustedMetadataStore> {
    const local = await this.#local("root");
    const store =
      (local && attempt(() => new TrustedMetadataStore(local))) ?? new TrustedMetadataStore(Buffer.from(this.#options.trustedRoot));
    // The store's "now" is the wall clock; this device's clock has a floor and never goes back.
    Reflect.set(store, "referenceTime", new Date(this.#options.clock.nowMs()));
    return store;
  }

  /** §5.3 */
  async #updateRoot(store: TrustedMetadataStore, fetchMetadata: FetchMetadata): Promise<void> {
    for (let rotations = 0; rotations < ROOT_ROTATIONS_MAX; rotations += 1) {
      const bytes = await fetchMetadata(`${store.root.signed.version + 1}.root.json`, METADATA_BYTES_MAX.root);
      if (bytes === undefined) return;
      verify(() => store.updateRoot(Buffer.from(bytes)));
      await this.#keep("root", bytes);
    }
  }

  /** §5.4. The local file goes first, whatever its age: it is the floor under which the remote one may not fall. */
  async #updateTimestamp(store: TrustedMetadataStore, fetchMetadata: FetchMetadata): Promise<void> {
    const local = await this.#local("timestamp");
    if (local) attempt(() => store.updateTimestamp(local));
    const bytes = await needed(fetchMetadata, "timestamp.json", METADATA_BYTES_MAX.timestamp);
    if (verify(() => store.updateTimestamp(Buffer.from(bytes))) !== undefined) await this.#keep("timestamp", bytes);
  }

  /** §5.5 */
  async #updateSnapshot(store: TrustedMetadataStore, fetchMetadata: FetchMetadata): Promise<void> {
    const local = await this.#local("snapshot");
    if (local && attempt(() => store.updateSnapshot(local, true))) return;
    const meta = store.timestamp?.signed.snapshotMeta;
    const bytes = await needed(fetchMetadata, `${meta?.version}.snapshot.json`, meta?.length ?? METADATA_BYTES_MAX.snapshot);
    verify(() => store.updateSnapshot(Buffer.from(bytes)));
    await this.#keep("snapshot", bytes);
  }

  /** §5.6 */
  async #updateTargets(store: TrustedMetadataStore, fetchMetadata: FetchMetadata): Promise<void> {
    const local = await this.#local("targets");
    if (local) attempt(() => store.updateDelegatedTargets(local, "targets", "root"));
    if (store.targets) return;
    const meta = store.snapshot?.signed.meta["targets.json"];
    const bytes = await needed(fetchMetadata, `${meta?.version}.targets.json`, meta?.length ?? METADATA_BYTES_MAX.targets);
    verify(() => store.updateDelegatedTargets(Buffer.from(bytes), "targets", "root"));
    await this.#keep("targets", bytes);
  }

  async #local(role: string): Promise<Buffer | undefined> {
    return readFile(join(this.#options.dir, `${role}.json`)).catch(() => undefined);
  }

  async #keep(role: string, bytes: Uint8Array): Promise<void> {
    await replaceFile(join(this.#options.dir, `${role}.json`), bytes);
  }
}

async function needed(fetchMetadata: FetchMetadata, file: string, bytesMax: number): Promise<Uint8Array> {
  const bytes = await fetchMetadata(file, bytesMax);
  if (bytes === undefined) throw new MirrorFailure("ERR_DEPOT_METADATA", `does not have ${file}`);
  return bytes;
}

/** What the device kept may be old, expired or damaged; then the mirror is asked. */
function attempt<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

/** Runs one rule of the store and says which kind of attack a breach of it is. Undefined: the same version as before. */
function verify<T>(rule: () => T): T | undefined {
  try {
    return rule();
  } catch (error) {
    if (error instanceof EqualVersionError) return undefined;
    throw new MirrorFailure(codeOf(error), `has metadata that is refused: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function codeOf(error: unknown): MirrorFailure["code"] {
  if (error instanceof ExpiredMetadataError) return "ERR_DEPOT_METADATA_EXPIRED";
  if (error instanceof BadVersionError) return "ERR_DEPOT_METADATA_ROLLBACK";
  if (error instanceof UnsignedMetadataError) return "ERR_DEPOT_METADATA_SIGNATURE";
  return "ERR_DEPOT_METADATA";
}
