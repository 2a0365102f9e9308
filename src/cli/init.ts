/**
 * Makes a state directory: device authority, server certificate, the director and its people's keys, the manufacturer's
 * image repository, tokens for the management API. Everything private is readable by its owner only.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRepository, generateRepositoryKeys } from "../depot/repository.ts";
import { newToken } from "../server/operators.ts";
import { type Config, statePaths } from "../server/state-directory.ts";
import { createAuthority, issueServer } from "../trust/sign/certificate-authority.ts";
import { generateSigner, makeDirector } from "../trust/sign/index.ts";
import { CliError } from "./errors.ts";

export interface InitOptions {
  readonly directory: string;
  readonly tenant: string;
  readonly people: readonly string[];
  readonly hostname: string;
  readonly ports: { readonly gateway: number; readonly depot: number; readonly api: number };
  readonly depotBitsPerSecond: number;
  readonly nowMs: number;
}

/** Fresh directories only: it never overwrites keys. */
export async function initState(options: InitOptions): Promise<void> {
  const paths = statePaths(options.directory);
  if (existsSync(paths.config))
    throw new CliError("ERR_CLI_USAGE", `${options.directory} is an Edict state directory already; its keys are not overwritten`);
  if (new Set(options.people).size < 2) throw new CliError("ERR_CLI_USAGE", "an author and an approver are two different people");
  for (const folder of [
    paths.directory,
    paths.tokens,
    join(paths.directory, "ca"),
    paths.keys,
    paths.repositoryKeys,
    paths.depot,
    paths.reports,
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  await makeCertificates(options);
  await makePeople(options);
  const repositoryKeys = generateRepositoryKeys();
  secret(join(paths.repositoryKeys, "keys.json"), JSON.stringify(repositoryKeys, null, 2));
  await createRepository(paths.depot, { keys: repositoryKeys, nowMs: options.nowMs });
  const { hostname, ports } = options;
  const config: Config = {
    version: 1,
    tenant: options.tenant,
    producer: `manager@${options.tenant}`,
    gateway: { hostname, port: ports.gateway },
    depot: { hostname, port: ports.depot },
    api: { hostname, port: ports.api },
    depotBitsPerSecond: options.depotBitsPerSecond,
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

async function makePeople({ directory, tenant, people }: InitOptions): Promise<void> {
  const paths = statePaths(directory);
  const operators = [];
  const signers = [];
  for (const person of people) {
    const signer = await generateSigner(person);
    const { token, tokenSha256 } = newToken();
    signers.push(signer);
    operators.push({ person, tenant, tokenSha256 });
    secret(join(paths.keys, `${person}.json`), JSON.stringify(signer, null, 2));
    secret(join(paths.tokens, `${person}.token`), `${token}\n`);
  }
  writeFileSync(paths.operators, JSON.stringify(operators, null, 2));
  writeFileSync(paths.director, `${JSON.stringify(makeDirector({ name: tenant, version: 1, signers }), null, 2)}\n`);
}

function secret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
