/**
 * An image repository whose keys are in the attacker's hands where a test wants it so, in the manner of python-tuf's: the documents
 * are plain models that a test changes at will, `publish` signs them with whatever keys stand in `signers`, and what is served is a
 * map of files that can be changed once more.
 */
import { createHash } from "node:crypto";
import { Metadata, Root, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { Delegations } from "@tufjs/models/dist/delegations.js";
import { DelegatedRole, Role } from "@tufjs/models/dist/role.js";
import { MirrorFailure } from "../../src/depot/client/mirrors.ts";
import { targetPath } from "../../src/depot/release.ts";
import { bytesOf, type Document, metaFile, signed } from "../../src/depot/repository/metadata.ts";
import { generateRoleKey, publicKeyOf, type RoleKey, signerOf } from "../../src/depot/repository/role-signer.ts";

const DAY_MS = 86_400_000;
const IMAGE = new TextEncoder().encode("an image");

export interface DelegationOptions {
  readonly paths?: readonly string[];
  readonly terminating?: boolean;
  readonly keys?: readonly RoleKey[];
  readonly threshold?: number;
}

export class RepositorySimulator {
  /** What a mirror of it answers. */
  readonly files = new Map<string, Uint8Array>();
  /** Whose signatures a document gets: by default those whose keys are listed for it. */
  readonly signers = new Map<string, readonly RoleKey[]>();
  readonly asked: string[] = [];
  readonly targets = new Map<string, Targets>();
  readonly #nowMs: number;
  readonly root: Root;
  snapshotVersion = 0;
  timestampVersion = 0;
  /** Days that documents are valid, by role. */
  readonly lifeDays: { [role: string]: number } = {};
  /** Takes something out of the snapshot, or puts another version into it. */
  alterMeta: (meta: Snapshot["meta"]) => void = () => undefined;

  constructor(nowMs: number, threshold = 1) {
    this.#nowMs = nowMs;
    this.root = new Root({ version: 0, specVersion: "1.0.31", expires: this.#expires("root"), consistentSnapshot: true });
    for (const role of ["root", "targets", "snapshot", "timestamp"]) this.giveKeys(role, threshold);
    this.targets.set("targets", this.#newTargets());
  }

  /** New keys for a role at the top; root has to be published for devices to know. */
  giveKeys(role: string, threshold = 1, keys: readonly RoleKey[] = this.#newKeys(role, threshold)): void {
    this.root.roles[role] = new Role({ keyIDs: [], threshold });
    for (const key of keys) this.root.addKey(publicKeyOf(key), role);
    this.signers.set(role, keys);
  }

  delegate(
    role: string,
    delegator = "targets",
    {
      paths = ["famousMaker/famousModel/*"],
      terminating = false,
      threshold = 1,
      keys = this.#newKeys(role, threshold),
    }: DelegationOptions = {},
  ): Targets {
    const { targets, version, specVersion, expires, delegations } = this.role(delegator);
    const publicKeys = keys.map(publicKeyOf);
    const delegated = new DelegatedRole({
      name: role,
      keyIDs: publicKeys.map(({ keyID }) => keyID),
      threshold,
      terminating,
      paths: [...paths],
    });
    const all = new Delegations({
      keys: { ...delegations?.keys, ...Object.fromEntries(publicKeys.map((key) => [key.keyID, key])) },
      roles: { ...delegations?.roles, [role]: delegated },
    });
    this.targets.set(delegator, new Targets({ targets, version, specVersion, expires, delegations: all }));
    this.signers.set(role, keys);
    const made = this.targets.get(role) ?? this.#newTargets();
    this.targets.set(role, made);
    return made;
  }

  /** famousMaker's famousModel, unless `custom` says otherwise. */
  release(
    version: string,
    counter: number,
    { role = "targets", custom = {}, image = IMAGE }: { role?: string; custom?: object; image?: Uint8Array } = {},
  ): void {
    const facts = {
      vendor: "famousMaker",
      name: "famousModel",
      version,
      counter,
      hardware: [],
      source: "https://updates.famousmaker.example/x",
    };
    const path = targetPath(facts.vendor, facts.name, version);
    const hashes = { sha256: createHash("sha256").update(image).digest("hex") };
    this.role(role).addTarget(
      new TargetFile({ path, length: image.length, hashes, unrecognizedFields: { custom: { ...facts, ...custom } } }),
    );
  }

  role(name: string): Targets {
    const found = this.targets.get(name);
    if (found === undefined) throw new Error(`there is no role ${name}`);
    return found;
  }

  /** The next root, signed by `signers` of the last one and of this one. */
  async publishRoot(before: readonly RoleKey[] = []): Promise<void> {
    Object.assign(this.root, { version: this.root.version + 1, expires: this.#expires("root") });
    await this.#write(`${this.root.version}.root.json`, this.root, [...before, ...(this.signers.get("root") ?? [])]);
  }

  /** The next version of everything below root. */
  async publish(): Promise<void> {
    const meta: Snapshot["meta"] = {};
    for (const [role, document] of this.targets) {
      Object.assign(document, { version: document.version + 1, expires: this.#expires(role) });
      const bytes = await this.#write(`${document.version}.${role}.json`, document, this.signers.get(role) ?? []);
      meta[`${role}.json`] = metaFile(document.version, bytes);
    }
    this.alterMeta(meta);
    this.snapshotVersion += 1;
    this.timestampVersion += 1;
    const head = { specVersion: "1.0.31" };
    const snapshot = new Snapshot({ ...head, version: this.snapshotVersion, expires: this.#expires("snapshot"), meta });
    const bytes = await this.#write(`${this.snapshotVersion}.snapshot.json`, snapshot, this.signers.get("snapshot") ?? []);
    const snapshotMeta = metaFile(this.snapshotVersion, bytes);
    const timestamp = new Timestamp({ ...head, version: this.timestampVersion, expires: this.#expires("timestamp"), snapshotMeta });
    await this.#write("timestamp.json", timestamp, this.signers.get("timestamp") ?? []);
  }

  /** As a mirror in process answers. */
  readonly fetch = (file: string, bytesMax: number): Promise<Buffer | undefined> => {
    this.asked.push(file);
    const bytes = this.files.get(file);
    if (bytes !== undefined && bytes.length > bytesMax)
      return Promise.reject(new MirrorFailure("ERR_DEPOT_TOO_LONG", "sends more than was promised"));
    return Promise.resolve(bytes && Buffer.from(bytes));
  };

  #newTargets(): Targets {
    return new Targets({ version: 0, specVersion: "1.0.31", expires: this.#expires("targets") });
  }

  #newKeys(role: string, count: number): readonly RoleKey[] {
    return Array.from({ length: count }, (_, index) => generateRoleKey(`${role}-${index}`));
  }

  #expires(role: string): string {
    return new Date(this.#nowMs + (this.lifeDays[role] ?? 100) * DAY_MS).toISOString().replace(/\.\d{3}Z$/, "Z");
  }

  async #write<T extends Document>(file: string, document: T, keys: readonly RoleKey[]): Promise<Uint8Array> {
    let metadata = new Metadata(document as Root) as Metadata<Document>;
    for (const key of keys) metadata = await signed(metadata, signerOf(key));
    const bytes = bytesOf(metadata);
    this.files.set(file, bytes);
    return bytes;
  }
}
