/**
 * Makes a state directory: device authority, server certificate, the director and its people's keys, the manufacturer's
 * image repository, tokens for the management API. Everything private is readable by its owner only.
 */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRepository, generateRepositoryKeys } from "../depot/repository.ts";
import { newToken, type Operator, type Role } from "../server/operators.ts";
import { type Config, statePaths } from "../server/state-directory.ts";
import { createAuthority, issueServer } from "../trust/sign/certificate-authority.ts";
import { ANY, parseAuthorityMap } from "../trust/authority-map.ts";
import { parseDirector } from "../trust/director.ts";
import { documentOf } from "../trust/root-document.ts";
import { draftDirector, draftMap, generateSigner, type Signer, signDocument, writeKeyFile } from "../trust/sign/index.ts";
import { encodeAuthority, makeAuthority } from "../trust/verify/index.ts";
import { CliError } from "./errors.ts";
import { keyPath, type KeyUse, saveKey } from "./keys/key-ring.ts";
import { ALL_VERBS, DIRECTOR_LIFE_MS, MAP_LIFE_MS } from "./trust/draft.ts";

/** The third holder of root and owner keys. */
const KEEPER = "keeper";
/** Those of the API who are no people. */
const SERVICES = ["issuer", "monitor"] as const;

export interface InitOptions {
  readonly directory: string;
  readonly tenant: string;
  /** Who signs commands: an author and an approver. */
  readonly people: readonly string[];
  /** The third holder of root and owner keys, so that one of them may be lost. Default: keeper. */
  readonly keeper?: string;
  /** Asked once for each person; it protects all of this person's keys. "plain" is for trials only. */
  readonly passphraseOf: ((person: string) => Promise<string>) | "plain";
  readonly hostname: string;
  readonly ports: { readonly gateway: number; readonly depot: number; readonly api: number; readonly enrolment?: number };
  readonly depotBitsPerSecond: number;
  readonly nowMs: number;
}

/** Fresh directories only: it never overwrites keys. */
export async function initState(options: InitOptions): Promise<void> {
  const paths = statePaths(options.directory);
  if (existsSync(paths.config))
    throw new CliError("ERR_CLI_USAGE", `${options.directory} is an Edict state directory already; its keys are not overwritten`);
  if (new Set(options.people).size < 2) throw new CliError("ERR_CLI_USAGE", "an author and an approver are two different people");
  const taken = SERVICES.find((service) => options.people.includes(service));
  if (taken !== undefined) throw new CliError("ERR_CLI_USAGE", `"${taken}" is no person: it has a token of its own`);
  // Before anything is made: who is asked may give up.
  const passphrases = new Map<string, string>();
  for (const person of [...options.people, options.keeper ?? KEEPER])
    if (options.passphraseOf !== "plain") passphrases.set(person, await options.passphraseOf(person));
  for (const folder of [paths.directory, paths.tokens, join(paths.directory, "ca"), paths.repositoryKeys, paths.depot, paths.reports]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  await makeCertificates(options);
  await makePeople(options, passphrases);
  const repositoryKeys = generateRepositoryKeys();
  secret(join(paths.repositoryKeys, "keys.json"), JSON.stringify(repositoryKeys, null, 2));
  await createRepository(paths.depot, { keys: repositoryKeys, nowMs: options.nowMs });
  // A copy of the first root beside the keys: what is signed is verified from it, whoever else can write to the depot.
  copyFileSync(join(paths.depot, "metadata", "1.root.json"), join(paths.repositoryKeys, "root.json"));
  const { hostname, ports } = options;
  const config: Config = {
    version: 1,
    tenant: options.tenant,
    producer: `manager@${options.tenant}`,
    gateway: { hostname, port: ports.gateway },
    depot: { hostname, port: ports.depot },
    api: { hostname, port: ports.api },
    depotBitsPerSecond: options.depotBitsPerSecond,
    ...(ports.enrolment !== undefined && { enrolment: { hostname, port: ports.enrolment, factories: [] } }),
  };
  // Written last: a directory with a config is a complete one.
  writeFileSync(paths.config, `${JSON.stringify(config, null, 2)}\n`);
}

async function makeCertificates({ directory, tenant, hostname, nowMs }: InitOptions): Promise<void> {
  const paths = statePaths(directory);
  const authority = await createAuthority(`${tenant} devices`, { nowMs });
  const server = await issueServer(authority, { names: [hostname, "localhost"], nowMs });
  writeFileSync(paths.authority, authority.certificatePem);
  secret(paths.authorityKey, authority.privateKeyPem);
  writeFileSync(paths.certificate, server.certificatePem);
  secret(paths.certificateKey, server.privateKeyPem);
}

async function makePeople(
  { directory, tenant, people, keeper = KEEPER, nowMs }: InitOptions,
  passphrases: ReadonlyMap<string, string>,
): Promise<void> {
  const paths = statePaths(directory);
  const operator = (person: string, role: Role): Operator => {
    const { token, tokenSha256 } = newToken();
    secret(join(paths.tokens, `${person}.token`), `${token}\n`);
    return { person, tenant, tokenSha256, role };
  };
  const operators = [...people.map((person) => operator(person, "person")), ...SERVICES.map((service) => operator(service, service))];
  writeFileSync(paths.operators, JSON.stringify(operators, null, 2));
  const make = (use: KeyUse, holders: readonly string[]) =>
    Promise.all(
      holders.map(async (person) => {
        const signer = await generateSigner(person);
        saveKey(keyPath(paths.keys, person, use), await writeKeyFile(signer, passphrases.get(person)));
        return signer;
      }),
    );
  const commanders = await make("command", people);
  const root = await make("root", [...people, keeper]);
  const owners = await make("owner", [...people, keeper]);
  const draft = draftDirector({ name: tenant, version: 1, expiresMs: nowMs + DIRECTOR_LIFE_MS, root, commanders });
  const director = parseDirector(await signedByAll(draft, root));
  const appointments = [{ director, scopes: [{ vendor: ANY, model: ANY, verbs: ALL_VERBS }] }];
  const map = draftMap({ owner: tenant, version: 1, expiresMs: nowMs + MAP_LIFE_MS, root: owners, appointments });
  writeFileSync(paths.director, JSON.stringify(documentOf(director)));
  writeFileSync(paths.trust, encodeAuthority(makeAuthority(parseAuthorityMap(await signedByAll(map, owners)))));
}

async function signedByAll(draft: Uint8Array, signers: readonly Signer[]): Promise<Uint8Array> {
  let document = draft;
  for (const signer of signers) document = await signDocument(document, signer);
  return document;
}

function secret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
