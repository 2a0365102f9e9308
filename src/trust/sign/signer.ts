/**
 * Whoever can sign: the port between what is signed (index.ts, root-document.ts) and where a private key lies. Software keys are made
 * here; a key that never leaves its token is behind the same port (cli/keys/pkcs11). Pure.
 *
 * A passkey is not behind it: WebAuthn signs its own bytes around a hash of these (WebAuthn §6.3.3), so that devices would have to
 * verify a second kind of signature (docs/operate/people.md).
 */
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, importJWK, importPKCS8, importSPKI, type JWK } from "jose";
import { TrustError } from "../errors.ts";
import { type Algorithm, algorithmOf, kidOf } from "../kid.ts";

/** The public half: what others are given. */
export interface Holder {
  /** The human being who holds the key. */
  readonly person: string;
  readonly kid: string;
  readonly publicJwk: JWK;
}

export interface Signer extends Holder {
  /** A signature over exactly these bytes as JOSE has it, 64 bytes: RFC 8037 §3.1 for Ed25519, RFC 7518 §3.4 for P-256. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** A signer whose private key is in this process. */
export interface SoftwareSigner extends Signer {
  readonly privateJwk: JWK;
}

export async function generateSigner(person: string, algorithm: Algorithm = "EdDSA"): Promise<SoftwareSigner> {
  const options = { extractable: true, ...(algorithm === "EdDSA" && { crv: "Ed25519" }) };
  const { privateKey } = await generateKeyPair(algorithm, options);
  return signerOf(person, await exportJWK(privateKey));
}

/** Throws ERR_TRUST_KEY. */
export async function signerFromPem(person: string, pkcs8Pem: string): Promise<SoftwareSigner> {
  return signerOf(person, await exportJWK(await imported((alg) => importPKCS8(pkcs8Pem, alg, { extractable: true }))));
}

/** PKCS #8, not encrypted. */
export async function privatePemOf({ privateJwk }: SoftwareSigner): Promise<string> {
  return exportPKCS8((await importJWK(privateJwk, algorithmOf(privateJwk), { extractable: true })) as CryptoKey);
}

/** Throws ERR_TRUST_KEY. */
export async function holderFromPem(person: string, spkiPem: string): Promise<Holder> {
  const publicJwk = await exportJWK(await imported((alg) => importSPKI(spkiPem, alg, { extractable: true })));
  return { person, kid: kidOf(publicJwk), publicJwk };
}

export async function publicPemOf({ publicJwk }: Holder): Promise<string> {
  return exportSPKI((await importJWK(publicJwk, algorithmOf(publicJwk), { extractable: true })) as CryptoKey);
}

function signerOf(person: string, privateJwk: JWK): SoftwareSigner {
  const { d: _secret, ...publicJwk } = privateJwk;
  const alg = algorithmOf(privateJwk);
  return {
    person,
    kid: kidOf(publicJwk),
    publicJwk,
    privateJwk,
    sign: async (bytes) => {
      const key = (await importJWK(privateJwk, alg)) as CryptoKey;
      const algorithm = alg === "EdDSA" ? "Ed25519" : { name: "ECDSA", hash: "SHA-256" };
      return new Uint8Array(await crypto.subtle.sign(algorithm, key, bytes as Uint8Array<ArrayBuffer>));
    },
  };
}

/** Of the two kinds of key that are accepted, whichever it is. */
async function imported(read: (alg: Algorithm) => Promise<CryptoKey>): Promise<CryptoKey> {
  try {
    return await read("EdDSA").catch(() => read("ES256"));
  } catch (cause) {
    throw new TrustError("ERR_TRUST_KEY", "it is no Ed25519 or P-256 key in PEM", { cause });
  }
}
