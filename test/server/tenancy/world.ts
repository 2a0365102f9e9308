/** Tenants on state directories of their own, opened without ports: real databases, real signatures, and the API as an object. */
import "reflect-metadata";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { signCampaign } from "../../../src/cli/signing.ts";
import { initState } from "../../../src/cli/init.ts";
import { signerOf } from "../../../src/cli/keys/key-ring.ts";
import { makeContext } from "../../../src/cli/context.ts";
import { makeOutput } from "../../../src/cli/output.ts";
import { publishRelease, type RepositoryKeys } from "../../../src/depot/repository.ts";
import type { ImportJob } from "../../../src/fleet/import/import-job.ts";
import type { DraftRequest } from "../../../src/server/api/schemas.ts";
import type { CampaignView } from "../../../src/server/api/views.ts";
import { readState, type StatePaths, statePaths } from "../../../src/server/state-directory.ts";
import { openTenant, type Tenant } from "../../../src/server/tenant.ts";
import type { Signer } from "../../../src/trust/sign/index.ts";

export const log = pino({ level: "silent" });
export const clock = { nowMs: Date.now };
export const RELEASE = {
  vendor: "famousMaker",
  name: "famousModel",
  version: "2.3.4",
  counter: 2,
  hardware: [],
  source: "https://updates.famousmaker.ce/patch",
};

export async function makeState(directory: string, tenant: string): Promise<StatePaths> {
  await initState({
    directory,
    tenant,
    people: ["author", "approver"],
    passphraseOf: "plain",
    hostname: "127.0.0.1",
    ports: { gateway: 0, depot: 0, api: 0 },
    depotBitsPerSecond: 1e9,
    nowMs: Date.now(),
  });
  const paths = statePaths(directory);
  const keys = JSON.parse(readFileSync(join(paths.repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  await publishRelease(paths.depot, { keys, release: RELEASE, image: new Uint8Array(1_000), nowMs: Date.now() });
  return paths;
}

export function tokenOf(paths: StatePaths, person: string): string {
  return readFileSync(join(paths.tokens, `${person}.token`), "utf8").trim();
}

/** As a device of this tenant is imported. */
export function factsOf(id: string, tenant: string): object {
  const model = { vendor: "famousMaker", name: "famousModel", version: "1.2.3", hardware: "r1", region: "here" };
  return { id, tenant, ...model, subscribed: true, optedOut: false };
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One tenant, and whoever holds its tokens and keys. */
export class Side {
  readonly tenant: Tenant;
  readonly #tokens = new Map<string, string>();

  constructor(tenant: Tenant) {
    this.tenant = tenant;
  }

  static async open(directory: string, name: string): Promise<Side> {
    await makeState(directory, name);
    return new Side(await openTenant(readState(directory), clock, log));
  }

  get name(): string {
    return this.tenant.state.config.tenant;
  }

  async call(method: string, path: string, body?: unknown, person = "author"): Promise<Answer> {
    const response = await this.#request(method, path, body, person);
    return { status: response.status, text: await response.text() };
  }

  /** As it comes, for whoever looks at more than its text. */
  answer(path: string): Promise<Response> {
    return this.#request("GET", path, undefined, "author");
  }

  /** The same, which has to succeed. */
  async done(method: string, path: string, body?: unknown, person?: string): Promise<unknown> {
    const { status, text } = await this.call(method, path, body, person);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** Says the import's id. */
  async import(ids: readonly string[]): Promise<string> {
    const job = await this.done("POST", "/devices?format=jsonl", ids.map((id) => JSON.stringify(factsOf(id, this.name))).join("\n"));
    return (job as ImportJob).id;
  }

  async draft(id: string, change: Partial<DraftRequest> = {}): Promise<CampaignView> {
    const software = { vendor: RELEASE.vendor, name: RELEASE.name, new_version: RELEASE.version };
    const command = { action: "update", target: { "x-swup:software": software }, args: { response_requested: "none" }, command_id: id };
    return ((await this.done("POST", "/campaigns", { command, expiresInMs: 600_000, ...change })) as { campaign: CampaignView }).campaign;
  }

  /** Both people sign. */
  async approve(id: string): Promise<void> {
    for (const person of ["author", "approver"]) {
      const view = (await this.done("GET", `/campaigns/${encodeURIComponent(id)}`)) as CampaignView;
      const signed = await signCampaign(view, await this.signer(person));
      await this.done("POST", `/campaigns/${encodeURIComponent(id)}/signatures`, signed, person);
    }
  }

  signer(person: string): Promise<Signer> {
    return signerOf(makeContext(this.tenant.state.paths.directory, makeOutput(true)), person);
  }

  /** Every row of every table, but of those that are left out. */
  contents(...leftOut: readonly string[]): string {
    const { database } = this.tenant;
    const tables = database.query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
    const hash = new Bun.CryptoHasher("sha256");
    for (const { name } of tables) {
      if (leftOut.includes(name)) continue;
      const rows = database.query(`SELECT * FROM ${name}`).values();
      for (const row of rows.map((values) => JSON.stringify(values)).toSorted()) hash.update(`${name}${row}`);
    }
    return hash.digest("hex");
  }

  async #request(method: string, path: string, body: unknown, person: string): Promise<Response> {
    return this.tenant.api.request(`https://manager.example/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token(person)}`, ...(typeof body === "object" && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  }

  token(person: string): string {
    const known = this.#tokens.get(person) ?? tokenOf(this.tenant.state.paths, person);
    this.#tokens.set(person, known);
    return known;
  }
}
