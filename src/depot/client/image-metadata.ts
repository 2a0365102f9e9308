/**
 * What a device believes of the image repository: TUF's client workflow (TUF 1.0 §5) in the specification's order. The
 * rules are tuf-js's TrustedMetadataStore; this file decides what to load. tuf-js's own Updater is not used because it
 * reads the wall clock (a device may have none), writes its files in place (a power cut would lose the rollback floor)
 * and turns most failures into text.
 *
 * What was verified is kept in one file, `trusted.json`, replaced once per refresh, also when the refresh fails half
 * way: a newer timestamp seen is a floor for the next mirror. Nothing that is kept is asked for again.
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
export type FetchMetadata = (file: string, bytesMax: number) => Promise<Buffer | undefined>;

export interface ImageMetadataOptions {
  /** The device's own folder; made if it is missing. */
  readonly dir: string;
  /** The root metadata that the device was pinned to. */
  readonly trustedRoot: Uint8Array;
  readonly clock: Clock;
}

/** Role -> the bytes of its newest verified metadata, as text: a kept file is compared by digest when it is read. */
type Kept = Partial<Record<"root" | "timestamp" | "snapshot" | "targets", string>>;

export class ImageMetadata {
  readonly #options: ImageMetadataOptions;

  constructor(options: ImageMetadataOptions) {
    this.#options = options;
  }

  /** Refreshes from one mirror and looks a target up. Throws MirrorFailure; file errors of the device pass through. */
  async target(path: string, fetchMetadata: FetchMetadata): Promise<TargetFacts | undefined> {
    const kept = await this.#read();
    const before = JSON.stringify(kept);
    try {
      const store = this.#openStore(kept);
      await updateRoot(store, kept, fetchMetadata);
      await updateTimestamp(store, kept, fetchMetadata);
      await updateSnapshot(store, kept, fetchMetadata);
      await updateTargets(store, kept, fetchMetadata);
      return Object.entries(store.targets?.signed.targets ?? {}).find(([name]) => name === path)?.[1];
    } finally {
      const after = JSON.stringify(kept);
      if (after !== before) await this.#write(after);
    }
  }

  /** A kept root that a failing disk has damaged is as good as none: the pinned one leads to the newest again. */
  #openStore({ root }: Kept): TrustedMetadataStore {
    const pinned = Buffer.from(this.#options.trustedRoot);
    const store = (root !== undefined && attempt(() => new TrustedMetadataStore(Buffer.from(root)))) || new TrustedMetadataStore(pinned);
    // The store's "now" is the wall clock; this device's clock has a floor and never goes back.
    Reflect.set(store, "referenceTime", new Date(this.#options.clock.nowMs()));
    return store;
  }

  async #read(): Promise<Kept> {
    const text = await readFile(join(this.#options.dir, "trusted.json"), "utf8").catch(() => "{}");
    const kept: unknown = attempt(() => JSON.parse(text));
    return typeof kept === "object" && kept !== null ? kept : {};
  }

  async #write(text: string): Promise<void> {
    await mkdir(this.#options.dir, { recursive: true });
    await replaceFile(join(this.#options.dir, "trusted.json"), new TextEncoder().encode(text));
  }
}

/** §5.3 */
async function updateRoot(store: TrustedMetadataStore, kept: Kept, fetchMetadata: FetchMetadata): Promise<void> {
  for (let rotations = 0; rotations < ROOT_ROTATIONS_MAX; rotations += 1) {
    const bytes = await fetchMetadata(`${store.root.signed.version + 1}.root.json`, METADATA_BYTES_MAX.root);
    if (bytes === undefined) return;
    verify(() => store.updateRoot(bytes));
    kept.root = bytes.toString();
  }
}

/** §5.4. The kept one goes first, whatever its age: it is the floor under which the mirror's may not fall. */
async function updateTimestamp(store: TrustedMetadataStore, kept: Kept, fetchMetadata: FetchMetadata): Promise<void> {
  const { timestamp } = kept;
  if (timestamp !== undefined) attempt(() => store.updateTimestamp(Buffer.from(timestamp)));
  const bytes = await needed(fetchMetadata, "timestamp.json", METADATA_BYTES_MAX.timestamp);
  if (verify(() => store.updateTimestamp(bytes)) !== undefined) kept.timestamp = bytes.toString();
}

/** §5.5 */
async function updateSnapshot(store: TrustedMetadataStore, kept: Kept, fetchMetadata: FetchMetadata): Promise<void> {
  const { snapshot } = kept;
  if (snapshot !== undefined && attempt(() => store.updateSnapshot(Buffer.from(snapshot), true))) return;
  const meta = store.timestamp?.signed.snapshotMeta;
  const bytes = await needed(fetchMetadata, `${meta?.version}.snapshot.json`, meta?.length ?? METADATA_BYTES_MAX.snapshot);
  verify(() => store.updateSnapshot(bytes));
  kept.snapshot = bytes.toString();
}

/** §5.6 */
async function updateTargets(store: TrustedMetadataStore, kept: Kept, fetchMetadata: FetchMetadata): Promise<void> {
  const { targets } = kept;
  if (targets !== undefined) attempt(() => store.updateDelegatedTargets(Buffer.from(targets), "targets", "root"));
  if (store.targets) return;
  const meta = store.snapshot?.signed.meta["targets.json"];
  const bytes = await needed(fetchMetadata, `${meta?.version}.targets.json`, meta?.length ?? METADATA_BYTES_MAX.targets);
  verify(() => store.updateDelegatedTargets(bytes, "targets", "root"));
  kept.targets = bytes.toString();
}

async function needed(fetchMetadata: FetchMetadata, file: string, bytesMax: number): Promise<Buffer> {
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
