/** TUF metadata as this room writes, reads and signs it; the form and the rule of thresholds are @tufjs/models'. */
import { createHash } from "node:crypto";
import { type Key, Metadata, MetadataKind, MetaFile, Root, Signature, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";
import type { Role } from "@tufjs/models/dist/role.js";
import type { JsonObject } from "../../openc2/index.ts";
import { tufBytes } from "../../trust/tuf-json.ts";
import { toTufSignature } from "../../trust/tuf-key.ts";
import { METADATA_LIFE_MS } from "../limits.ts";
import { personOf, publicKeyOf, type RoleSigner } from "./role-signer.ts";

export type Json = Parameters<typeof Metadata.fromJSON>[1];
export type Document = Root | Targets | Snapshot | Timestamp;
/** Who says which keys a role has: root for the four roles at the top, targets for those that it delegates to. */
export type Delegator = Metadata<Root> | Metadata<Targets>;

/** What stands at the head of every document. */
export function head(version: number, kind: keyof typeof METADATA_LIFE_MS, nowMs: number) {
  // TUF's times have no fractions of a second (TUF 1.0 §4.2.1).
  const expires = new Date(Math.ceil((nowMs + METADATA_LIFE_MS[kind]) / 1000) * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");
  return { version, specVersion: "1.0.31", expires };
}

export function rootFrom(json: Json): Metadata<Root> {
  return Metadata.fromJSON(MetadataKind.Root, json);
}

export function targetsFrom(json: Json): Metadata<Targets> {
  return Metadata.fromJSON(MetadataKind.Targets, json);
}

export function bytesOf(metadata: { toJSON(): Json }): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(metadata.toJSON()));
}

/** Length and digest as well as version: a mirror cannot mix files of different repositories (TUF 1.0 §4.4). */
export function metaFile(version: number, bytes: Uint8Array): MetaFile {
  return new MetaFile({ version, length: bytes.length, hashes: { sha256: createHash("sha256").update(bytes).digest("hex") } });
}

/** The document with this signer's signature beside those that it has. */
export async function signed<T extends Document>(metadata: Metadata<T>, signer: RoleSigner): Promise<Metadata<T>> {
  const { keyID } = publicKeyOf(signer);
  const raw = await signer.sign(tufBytes(metadata.signed.toJSON() as JsonObject));
  const signature = new Signature({ keyID, sig: toTufSignature(raw, signer.publicJwk) });
  return new Metadata(metadata.signed, { ...metadata.signatures, [keyID]: signature });
}

export interface Standing {
  readonly threshold: number;
  /** Who holds a key of the role and has signed, or not. */
  readonly signed: readonly string[];
  readonly missing: readonly string[];
}

/** Who has signed a document for a role, as the delegator has it. Throws nothing: a signature that does not fit is none. */
export function standingOf(delegator: Delegator, role: string, document: Metadata<Document>): Standing {
  const { keys, threshold } = roleOf(delegator, role);
  const signed = keys.filter((key) => hasSigned(key, document));
  const missing = keys.filter((key) => !signed.includes(key));
  return { threshold, signed: signed.map(personOf), missing: missing.map(personOf) };
}

export function roleOf({ signed: document }: Delegator, name: string): { readonly keys: readonly Key[]; readonly threshold: number } {
  const role: Role | undefined = document instanceof Root ? document.roles[name] : document.delegations?.roles?.[name];
  const keys = (document instanceof Root ? document.keys : document.delegations?.keys) ?? {};
  return {
    keys: (role?.keyIDs ?? []).flatMap((keyId) => keys[keyId] ?? []),
    // Of a role that nobody delegates to, nobody's signature is enough.
    threshold: role?.threshold ?? Number.POSITIVE_INFINITY,
  };
}

function hasSigned(key: Key, document: Metadata<Document>): boolean {
  try {
    key.verifySignature(document);
    return true;
  } catch {
    return false;
  }
}
