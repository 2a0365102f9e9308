/**
 * A key file: one PEM text (RFC 7468) that OpenSSL reads too. Above the blocks it says whose key it is, as RFC 7468 §2 allows; the
 * public half stands in clear, so that it can be listed without a passphrase; the private half is encrypted, or not there
 * because it is in a token, or, for trials only, plain. Pure text and WebCrypto; files belong to others.
 */
import { TrustError } from "../errors.ts";
import { decryptKey, encryptKey } from "./encrypted-key.ts";
import { type Holder, holderFromPem, privatePemOf, publicPemOf, signerFromPem, type SoftwareSigner } from "./signer.ts";

export type Protection = "passphrase" | "plain" | "token" | "public only";

export interface KeyFile extends Holder {
  readonly protection: Protection;
  /** Of a token only: where the private key is (RFC 7512). */
  readonly token?: string;
  readonly text: string;
}

const ENCRYPTED = "ENCRYPTED PRIVATE KEY";
const PLAIN = "PRIVATE KEY";
const PUBLIC = "PUBLIC KEY";

/** With a passphrase or, for trials, without one. */
export async function writeKeyFile(signer: SoftwareSigner, passphrase: string | undefined): Promise<string> {
  const plain = await privatePemOf(signer);
  const secret = passphrase === undefined ? plain : pem(ENCRYPTED, await encryptKey(bytesOf(plain, PLAIN), passphrase));
  return join(signer, [], secret, await publicPemOf(signer));
}

/** Of a key in a token: where it is, and its public half. */
export async function writeTokenFile(holder: Holder, uri: string): Promise<string> {
  return join(holder, [`token: ${uri}`], await publicPemOf(holder));
}

/** What others are given. */
export async function writePublicFile(holder: Holder): Promise<string> {
  return join(holder, [], await publicPemOf(holder));
}

/** Throws ERR_TRUST_KEY. */
export async function readKeyFile(text: string): Promise<KeyFile> {
  const person = said(text, "person");
  const publicPem = blockOf(text, PUBLIC);
  if (person === undefined || publicPem === undefined)
    throw new TrustError("ERR_TRUST_KEY", "it does not say whose key it is, or lacks its public half");
  const token = said(text, "token");
  return { ...(await holderFromPem(person, publicPem)), protection: protectionOf(text), ...(token !== undefined && { token }), text };
}

/** Where the private half of a PEM text is, also of one that was made elsewhere. */
export function protectionOf(text: string): Protection {
  if (blockOf(text, ENCRYPTED) !== undefined) return "passphrase";
  if (blockOf(text, PLAIN) !== undefined) return "plain";
  return said(text, "token") === undefined ? "public only" : "token";
}

/** The signer in a file that holds the private key. Throws ERR_TRUST_KEY, ERR_TRUST_PASSPHRASE. */
export async function openKeyFile({ person, kid, text }: KeyFile, passphrase = ""): Promise<SoftwareSigner> {
  const signer = await signerInPem(person, text, passphrase);
  // The public half is not under the passphrase: somebody may have put another one there.
  if (signer.kid !== kid) throw new TrustError("ERR_TRUST_KEY", `the public half in the file of ${person} is not that of its private key`);
  return signer;
}

/** The same of any PEM text with a private key in PKCS #8. */
export async function signerInPem(person: string, text: string, passphrase = ""): Promise<SoftwareSigner> {
  if (protectionOf(text) !== "passphrase") return signerFromPem(person, blockOf(text, PLAIN) ?? "");
  const plain = await decryptKey(bytesOf(text, ENCRYPTED), passphrase);
  // A wrong passphrase gives a valid padding once in 256 times: then it is the content that tells.
  const DER_SEQUENCE = 0x30;
  if (plain[0] !== DER_SEQUENCE) throw new TrustError("ERR_TRUST_PASSPHRASE", "the passphrase does not open this key");
  return signerFromPem(person, pem(PLAIN, plain));
}

function join({ person, kid }: Holder, lines: readonly string[], ...blocks: readonly string[]): string {
  return `${[`person: ${person}`, `kid: ${kid}`, ...lines, ...blocks.map((block) => block.trim())].join("\n")}\n`;
}

function said(text: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.+)$`, "m").exec(text)?.[1]?.trim();
}

function blockOf(text: string, label: string): string | undefined {
  return new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)?.[0];
}

function bytesOf(text: string, label: string): Uint8Array {
  const base64 = (blockOf(text, label) ?? "").replaceAll(/-----[^-]+-----|\s/g, "");
  try {
    return Uint8Array.fromBase64(base64);
  } catch (cause) {
    throw new TrustError("ERR_TRUST_KEY", `the ${label} is not base64`, { cause });
  }
}

function pem(label: string, bytes: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${(bytes.toBase64().match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----\n`;
}
