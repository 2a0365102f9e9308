/**
 * The image repository's role keys (Ed25519). They belong to the manufacturer and to nobody else: the caller keeps them,
 * offline where it can, and the depot that serves the metadata never sees them.
 */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { Key, type Metadata, type Root, Signature, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";

export const ROLES = ["root", "targets", "snapshot", "timestamp"] as const;
export type RoleName = (typeof ROLES)[number];

export interface RoleKey {
  /** Raw public key, hex. */
  readonly publicHex: string;
  readonly privateKeyPem: string;
}

/** Plain data: JSON is its file format. */
export type RepositoryKeys = { readonly [role in RoleName]: RoleKey };

export function generateRepositoryKeys(): RepositoryKeys {
  return { root: generateRoleKey(), targets: generateRoleKey(), snapshot: generateRoleKey(), timestamp: generateRoleKey() };
}

/** The public half, as it stands in root metadata. The id is the digest of the canonical key (TUF 1.0 §4.2). */
export function publicKey({ publicHex }: RoleKey): Key {
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${publicHex}"},"scheme":"ed25519"}`;
  const keyID = createHash("sha256").update(canonical).digest("hex");
  return new Key({ keyID, keyType: "ed25519", scheme: "ed25519", keyVal: { public: publicHex } });
}

/** Signs, and returns the file's bytes. */
export function signedBytes(
  metadata: Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>,
  key: RoleKey,
): Uint8Array {
  const privateKey = createPrivateKey(key.privateKeyPem);
  const { keyID } = publicKey(key);
  metadata.sign((data) => new Signature({ keyID, sig: sign(null, data, privateKey).toString("hex") }), false);
  return new TextEncoder().encode(JSON.stringify(metadata.toJSON()));
}

function generateRoleKey(): RoleKey {
  const { publicKey: key, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = key.export({ format: "jwk" });
  return {
    publicHex: Buffer.from(x, "base64url").toString("hex"),
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}
