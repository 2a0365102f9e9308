/** A manufacturer for the tests: people with keys on machines of their own, and a publishing machine with two online keys. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bundle, bundleOf, encodeBundle, parseBundle, signBundle } from "../../../src/depot/repository/bundle.ts";
import { addRelease, type Draft, draftRepository } from "../../../src/depot/repository/changes.ts";
import { publishBundle } from "../../../src/depot/repository/publish.ts";
import { type Repository, readRepository } from "../../../src/depot/repository/read.ts";
import { generateRoleKey, type RoleKey, signerOf } from "../../../src/depot/repository/role-signer.ts";
import type { RoleHolders } from "../../../src/depot/repository/roles.ts";
import { storeRelease } from "../../../src/depot/repository.ts";
import { IMAGE, NOW_MS, newRelease } from "../world.ts";

export function holders(threshold: number, ...keys: readonly RoleKey[]): RoleHolders {
  return { threshold, holders: keys };
}

export class Publisher {
  readonly ann = generateRoleKey("ann");
  readonly bob = generateRoleKey("bob");
  readonly cyd = generateRoleKey("cyd");
  readonly online = generateRoleKey("publishing machine");
  readonly dir: string;
  nowMs = NOW_MS;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Root and targets are two of three people's. */
  static async make(dir: string): Promise<Publisher> {
    const publisher = new Publisher(dir);
    const { ann, bob, cyd, online } = publisher;
    const people = holders(2, ann, bob, cyd);
    const roles = { root: people, targets: people, snapshot: holders(1, online), timestamp: holders(1, online) };
    await publisher.publish(await publisher.signed(bundleOf(undefined, draftRepository(roles, NOW_MS)), ann, bob));
    return publisher;
  }

  /** Across to the machines of these people and back. */
  async signed(bundle: Bundle, ...people: readonly RoleKey[]): Promise<Bundle> {
    let travelling = bundle;
    for (const person of people) travelling = await signBundle(parseBundle(encodeBundle(travelling)), [signerOf(person)]);
    return travelling;
  }

  async draft(change: (repository: Repository, nowMs: number) => Draft): Promise<Bundle> {
    const repository = await readRepository(this.dir);
    return bundleOf(repository, change(repository, this.nowMs));
  }

  publish(bundle: Bundle, ...more: readonly RoleKey[]): Promise<void> {
    return publishBundle(this.dir, bundle, { signers: [this.online, ...more].map(signerOf), nowMs: this.nowMs });
  }

  /** Drafted, signed by these people, published. */
  async change(change: (repository: Repository, nowMs: number) => Draft, ...people: readonly RoleKey[]): Promise<void> {
    await this.publish(await this.signed(await this.draft(change), ...people));
  }

  async draftRelease(version: string, counter: number, more: object = {}): Promise<Bundle> {
    const release = await storeRelease(this.dir, { ...newRelease(version, counter), ...more }, IMAGE);
    return this.draft((repository, nowMs) => addRelease(repository, release, nowMs));
  }

  async json(file: string) {
    return JSON.parse(await readFile(join(this.dir, "metadata", file), "utf8"));
  }
}
