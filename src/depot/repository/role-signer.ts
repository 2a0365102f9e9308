/**
 * Keys that sign for the image repository, and whose they are. A signer is a function: whether its key lies in a file, behind a
 * passphrase or in a token is the caller's. In metadata a key has TUF's form, with the person who holds it as part of its id
 * (trust/tuf-key.ts). Keys in plain files are here for trials and for roles that stay online.
 */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { Key } from "@tufjs/models";
import type { JWK } from "jose";
import { algorithmOf } from "../../trust/kid.ts";
import { keyIdOf, PERSON, toTufKey } from "../../trust/tuf-key.ts";

/** The public half: Ed25519 or P-256. */
export interface Holder {
  readonly person: string;
  readonly publicJwk: JWK;
}

export interface RoleSigner extends Holder {
  /** 64 bytes; of ECDSA r and s (IEEE P1363). */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Plain data: JSON is its file format. */
export interface RoleKey extends Holder {
  readonly privateJwk: JWK;
}

export const TOP_ROLES = ["root", "targets", "snapshot", "timestamp"] as const;
export type TopRole = (typeof TOP_ROLES)[number];

/** One key for each role, as a trial has it. */
export type RepositoryKeys = { readonly [role in TopRole]: RoleKey };

export function generateRepositoryKeys(): RepositoryKeys {
  const one = (role: TopRole) => generateRoleKey(`${role}@trial`);
  return { root: one("root"), targets: one("targets"), snapshot: one("snapshot"), timestamp: one("timestamp") };
}

export function generateRoleKey(person: string): RoleKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { person, publicJwk: publicKey.export({ format: "jwk" }) as JWK, privateJwk: privateKey.export({ format: "jwk" }) as JWK };
}

export function signerOf({ person, publicJwk, privateJwk }: RoleKey): RoleSigner {
  const key = createPrivateKey({ key: privateJwk as JsonWebKey, format: "jwk" });
  const digest = algorithmOf(publicJwk) === "EdDSA" ? null : "sha256";
  return { person, publicJwk, sign: (bytes) => Promise.resolve(sign(digest, bytes, { key, dsaEncoding: "ieee-p1363" })) };
}

export function publicKeyOf(holder: Holder): Key {
  const json = toTufKey({ person: holder.person, jwk: holder.publicJwk });
  return Key.fromJSON(keyIdOf(json), json as Parameters<typeof Key.fromJSON>[1]);
}

/** Who holds a key; keys of other publishers have no person. */
export function personOf({ keyID, unrecognizedFields }: Key): string {
  const person = unrecognizedFields?.[PERSON];
  return typeof person === "string" ? person : keyID.slice(0, 16);
}
