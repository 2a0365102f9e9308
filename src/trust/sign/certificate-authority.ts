/**
 * The device authority: issues certificates to devices and servers. Pure (WebCrypto); time comes in. Whoever holds the authority's
 * key makes certificates here directly; who gets one over the network is decided in enrolment.
 */
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { TrustError } from "../errors.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Clocks of devices lag: a certificate is valid from a day before it was made. */
const BACKDATED_MS = DAY_MS;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 397;
/** RFC 5280 §4.1.2.2 allows 20 octets; 16 random ones never meet. */
const SERIAL_BYTES = 16;

export interface Issued {
  readonly certificatePem: string;
  /** PKCS #8 */
  readonly privateKeyPem: string;
}

export interface Authority extends Issued {
  readonly certificate: X509Certificate;
  readonly privateKey: CryptoKey;
}

export interface IssueOptions {
  readonly nowMs: number;
  readonly validDays?: number;
}

export async function createAuthority(name: string, { nowMs, validDays = AUTHORITY_DAYS }: IssueOptions): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    ...common(nowMs, validDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey, certificatePem: pem(certificate), privateKeyPem: await privatePem(keys.privateKey) };
}

/** Throws ERR_TRUST_CERTIFICATE. */
export async function loadAuthority(certificatePem: string, privateKeyPem: string): Promise<Authority> {
  try {
    const der = Uint8Array.from(atob(privateKeyPem.replaceAll(/-----[^-]+-----|\s/g, "")), (character) => character.charCodeAt(0));
    const privateKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
    return { certificate: new X509Certificate(certificatePem), privateKey, certificatePem, privateKeyPem };
  } catch (cause) {
    throw new TrustError("ERR_TRUST_CERTIFICATE", "the authority's certificate or key cannot be read", { cause });
  }
}

/** For gateway, depot and API. `names` are host names or IP addresses. `isClientToo`: it also dials, e.g. a broker. */
export function issueServer(
  authority: Authority,
  { names, isClientToo = false, ...options }: IssueOptions & { readonly names: readonly string[]; readonly isClientToo?: boolean },
): Promise<Issued> {
  const alternatives = names.map((value) => ({ type: isAddress(value) ? ("ip" as const) : ("dns" as const), value }));
  const usages = [ExtendedKeyUsage.serverAuth, ...(isClientToo ? [ExtendedKeyUsage.clientAuth] : [])];
  return issue(authority, names[0] ?? "server", alternatives, usages, options);
}

/** For a device: its identity is the SAN URI `urn:dev:...` (RFC 9039) and nothing else. */
export function issueDevice(authority: Authority, { id, ...options }: IssueOptions & { readonly id: string }): Promise<Issued> {
  return issue(authority, ...deviceNames(id), [ExtendedKeyUsage.clientAuth], options);
}

/** The same for a key that the device made itself. Answers with DER. */
export async function certifyDevice(
  authority: Authority,
  { id, publicKey, ...options }: IssueOptions & { readonly id: string; readonly publicKey: CryptoKey },
): Promise<Uint8Array> {
  const certificate = await certify(authority, publicKey, ...deviceNames(id), [ExtendedKeyUsage.clientAuth], options);
  return new Uint8Array(certificate.rawData);
}

/** Its common name is for people only. */
function deviceNames(id: string): [string, readonly Alternative[]] {
  if (!/^urn:dev:\S+$/.test(id)) throw new TrustError("ERR_TRUST_CERTIFICATE", `"${id}" is no urn:dev: identity`);
  return [id.split(":").at(-1) ?? id, [{ type: "url", value: id }]];
}

/** For an OpenC2 producer or consumer that is no device of a fleet: its identity is the SAN DNS name, which need not resolve. */
export function issueClient(authority: Authority, { name, ...options }: IssueOptions & { readonly name: string }): Promise<Issued> {
  return issue(authority, name, [{ type: "dns", value: name }], [ExtendedKeyUsage.clientAuth], options);
}

interface Alternative {
  readonly type: "dns" | "ip" | "url";
  readonly value: string;
}

async function issue(
  authority: Authority,
  name: string,
  alternatives: readonly Alternative[],
  usages: ExtendedKeyUsage[],
  options: IssueOptions,
): Promise<Issued> {
  const keys = await makeKeys();
  const certificate = await certify(authority, keys.publicKey, name, alternatives, usages, options);
  return { certificatePem: pem(certificate), privateKeyPem: await privatePem(keys.privateKey) };
}

async function certify(
  authority: Authority,
  publicKey: CryptoKey,
  name: string,
  alternatives: readonly Alternative[],
  usages: ExtendedKeyUsage[],
  { nowMs, validDays = LEAF_DAYS }: IssueOptions,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: authority.certificate.subjectName,
    publicKey,
    signingKey: authority.privateKey,
    ...common(nowMs, validDays),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages),
      new SubjectAlternativeNameExtension([...alternatives]),
      await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    ],
  });
}

function common(nowMs: number, validDays: number) {
  const serial = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  // Positive and not zero, as RFC 5280 wants it.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return {
    serialNumber: Array.from(serial, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + validDays * DAY_MS),
    signingAlgorithm: ALGORITHM,
  };
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privatePem(key: CryptoKey): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

function isAddress(value: string): boolean {
  return /^[\d.]+$/.test(value) || value.includes(":");
}
