/** Every private key that a device obeys, from where `edict init` puts them all: people's, the image repository's, the device authority's. */
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import type { RepositoryKeys } from "../../../src/depot/repository.ts";
import type { StatePaths } from "../../../src/server/state-directory.ts";

/** Whose it is -> private key. */
export function obeyedKeys({ keys, repositoryKeys, authorityKey }: StatePaths): Map<string, JWK> {
  const files = (readdirSync(keys, { recursive: true }) as string[]).filter((name) => name.endsWith(".pem"));
  const roles = JSON.parse(readFileSync(join(repositoryKeys, "keys.json"), "utf8")) as RepositoryKeys;
  return new Map([
    ...files.map((name) => [name, privateJwk(readFileSync(join(keys, name), "utf8"))] as const),
    ...Object.entries(roles).map(([role, { privateJwk: jwk }]) => [`the repository's ${role}`, jwk] as const),
    ["the authority of devices", privateJwk(readFileSync(authorityKey, "utf8"))],
  ]);
}

export function privateJwk(pem: string): JWK {
  return createPrivateKey(pem).export({ format: "jwk" }) as JsonWebKey as JWK;
}
