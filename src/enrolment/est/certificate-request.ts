/**
 * A PKCS #10 request (RFC 2986) as untrusted input: who sends it must hold the key in it, and the key must be of a kind that we
 * certify. What else the request wishes for is not granted; a wish for another name is refused aloud.
 */
import "reflect-metadata";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { EnrolmentError } from "../errors.ts";
import { sha256 } from "./peer.ts";

export interface CheckedRequest {
  readonly publicKey: CryptoKey;
  readonly keySha256: string;
  /** The names that it wishes for. */
  readonly names: readonly string[];
}

const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const CURVES: ReadonlySet<string> = new Set(["P-256", "P-384"]);
const HASHES: ReadonlySet<string> = new Set(["SHA-256", "SHA-384"]);

/** `body`: base64 of DER, lines as they come (RFC 8951 §3). Throws ERR_ENROLMENT_REQUEST, _KEY or _POSSESSION. */
export async function readRequest(body: Uint8Array): Promise<CheckedRequest> {
  const text = new TextDecoder("latin1").decode(body).replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new EnrolmentError("ERR_ENROLMENT_REQUEST", "the body is not base64");
  const request = parse(Uint8Array.fromBase64(text));
  const publicKey = await importKey(request);
  if (!(await isSigned(request, publicKey)))
    throw new EnrolmentError("ERR_ENROLMENT_POSSESSION", "the request is not signed with its own key");
  return { publicKey, keySha256: sha256(new Uint8Array(request.publicKey.rawData)), names: namesOf(request) };
}

/** Throws ERR_ENROLMENT_IDENTITY. */
export function checkNames({ names }: CheckedRequest, id: string): void {
  const other = names.find((name) => name !== id);
  if (other !== undefined) throw new EnrolmentError("ERR_ENROLMENT_IDENTITY", `the request is for "${other}", the device is ${id}`);
}

function parse(der: Uint8Array<ArrayBuffer>): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(der);
  } catch (cause) {
    throw new EnrolmentError("ERR_ENROLMENT_REQUEST", "the body is not a PKCS #10 request", { cause });
  }
}

async function importKey({ publicKey, signatureAlgorithm }: Pkcs10CertificateRequest): Promise<CryptoKey> {
  const { name, namedCurve = "" } = publicKey.algorithm as { readonly name: string; readonly namedCurve?: string };
  const { hash } = signatureAlgorithm as { readonly hash?: { readonly name: string } };
  if (name !== "ECDSA" || !CURVES.has(namedCurve))
    throw new EnrolmentError("ERR_ENROLMENT_KEY", `a key of ${name} ${namedCurve} is not certified`);
  if (!HASHES.has(hash?.name ?? "")) throw new EnrolmentError("ERR_ENROLMENT_KEY", "the request is not signed with SHA-256 or SHA-384");
  try {
    return await publicKey.export({ name: "ECDSA", namedCurve }, ["verify"]);
  } catch (cause) {
    throw new EnrolmentError("ERR_ENROLMENT_KEY", "the key is not a point of its curve", { cause });
  }
}

async function isSigned(request: Pkcs10CertificateRequest, publicKey: CryptoKey): Promise<boolean> {
  try {
    // The library looks at the request's own key; importing it first keeps a broken one out.
    return publicKey.type === "public" && (await request.verify());
  } catch {
    return false;
  }
}

function namesOf(request: Pkcs10CertificateRequest): readonly string[] {
  const extension = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  if (extension === null) return [];
  return extension instanceof SubjectAlternativeNameExtension
    ? extension.names.items.map(({ value }) => value)
    : ["a name that cannot be read"];
}
