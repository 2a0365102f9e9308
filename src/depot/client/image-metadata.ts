/**
 * What a device believes of the image repository: TUF's client workflow (TUF 1.0 §5) in the specification's order. The
 * rules are tuf-js's TrustedMetadataStore; this file decides what to load. tuf-js's own Updater is not used because it
 * reads the wall clock (a device may have none), writes its files in place (a power cut would lose the rollback floor)
 * and turns most failures into text.
 *
 * What was verified is kept in one file, `trusted.json`, replaced once per refresh, also when the refresh fails half
 * way: a newer timestamp seen is a floor for the next mirror. Nothing that is kept is asked for again. When a role's keys were
 * rotated, what the old ones signed no longer counts, and its floor goes with it: so a fast-forward is undone (TUF 1.0 §5.3.11).
 */
import { join } from "node:path";
import type { Targets } from "@tufjs/models";
import { UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { BadVersionError, EqualVersionError, ExpiredMetadataError } from "tuf-js/dist/error.js";
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import type { Clock } from "../../trust/clock.ts";
import { METADATA_BYTES_MAX, REPOSITORY_ROLES_MAX, ROOT_ROTATIONS_MAX } from "../limits.ts";
import { type KeepingDisk, plainDisk } from "./atomic-file.ts";
import { findNaming, type LoadRole, type NamedTargets, walk } from "./delegations.ts";
import { MirrorFailure } from "./mirrors.ts";

/** A metadata file from one mirror; undefined if the mirror does not have it. */
export type FetchMetadata = (file: string, bytesMax: number) => Promise<Buffer | undefined>;

export interface ImageMetadataOptions {
  /** The device's own folder; made if it is missing. */
  readonly dir: string;
  /** The root metadata that the device was pinned to. */
  readonly trustedRoot: Uint8Array;
  readonly clock: Clock;
  /** What `dir` lies on. Default: the machine's. */
  readonly disk?: KeepingDisk | undefined;
}

/** The newest verified metadata as text: a kept file is compared by digest when it is read. */
export interface Kept {
  root?: string;
  timestamp?: string;
  snapshot?: string;
  /** Targets and delegated roles: those that had a say the last time. */
  roles?: Record<string, string>;
}

export class ImageMetadata {
  readonly #options: ImageMetadataOptions;
  readonly #disk: KeepingDisk;

  constructor(options: ImageMetadataOptions) {
    this.#options = options;
    this.#disk = options.disk ?? plainDisk;
  }

  /**
   * Refreshes from one mirror and looks a target up: everything that the role names which names it, or undefined. Throws
   * MirrorFailure; file errors of the device pass through.
   */
  async naming(path: string, fetchMetadata: FetchMetadata): Promise<NamedTargets | undefined> {
    return this.#refresh(await this.#read(), fetchMetadata, (load) => findNaming(path, load));
  }

  /** The whole repository, verified, from its first root on: for those who copy it. Throws the same. */
  async everything(fetchMetadata: FetchMetadata): Promise<{ readonly kept: Kept; readonly targets: readonly Targets[] }> {
    const { root: _, ...kept } = await this.#read();
    const targets = await this.#refresh(kept, fetchMetadata, (load) => Array.fromAsync(walk(load, REPOSITORY_ROLES_MAX)));
    return { kept, targets };
  }

  async #refresh<T>(kept: Kept, fetchMetadata: FetchMetadata, look: (load: LoadRole) => Promise<T>): Promise<T> {
    const before = JSON.stringify(kept);
    const { roles: keptRoles = {} } = kept;
    const roles: Record<string, string> = {};
    try {
      const store = this.#openStore(kept);
      await updateRoot(store, kept, fetchMetadata);
      await updateTimestamp(store, kept, fetchMetadata);
      await updateSnapshot(store, kept, fetchMetadata);
      const found = await look(async (role, delegator) => {
        roles[role] = await updateRole(store, { role, delegator, kept: keptRoles[role] }, fetchMetadata);
        return loaded(store, role);
      });
      kept.roles = roles;
      return found;
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
    const bytes = await this.#disk.read(join(this.#options.dir, "trusted.json"));
    const kept: unknown = bytes && attempt(() => JSON.parse(new TextDecoder().decode(bytes)));
    return typeof kept === "object" && kept !== null ? kept : {};
  }

  async #write(text: string): Promise<void> {
    await this.#disk.makeDirectory(this.#options.dir);
    await this.#disk.replace(join(this.#options.dir, "trusted.json"), new TextEncoder().encode(text));
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

/** §5.6; returns the role's verified text. */
async function updateRole(
  store: TrustedMetadataStore,
  { role, delegator, kept }: { readonly role: string; readonly delegator: string; readonly kept: string | undefined },
  fetchMetadata: FetchMetadata,
): Promise<string> {
  if (kept !== undefined) attempt(() => store.updateDelegatedTargets(Buffer.from(kept), role, delegator));
  if (kept !== undefined && store.getRole(role) !== undefined) return kept;
  const meta = store.snapshot?.signed.meta[`${role}.json`];
  if (meta === undefined) throw new MirrorFailure("ERR_DEPOT_METADATA", `has a snapshot without the role ${role}`);
  const bytes = await needed(fetchMetadata, `${meta.version}.${role}.json`, meta.length ?? METADATA_BYTES_MAX.targets);
  verify(() => store.updateDelegatedTargets(bytes, role, delegator));
  return bytes.toString();
}

function loaded(store: TrustedMetadataStore, role: string): Targets {
  const metadata = store.getRole(role);
  if (metadata === undefined) throw new MirrorFailure("ERR_DEPOT_METADATA", `has no usable metadata of ${role}`);
  return metadata.signed;
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
