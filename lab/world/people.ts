/**
 * The people of every simulated world: two who order, one who steals a key. Their keys are made from their names, because the same seed
 * has to give the same bytes; Ed25519 alone, because its signatures have no randomness. Nobody else may ever believe these keys.
 */
import { type Director, type Statement } from "../../src/trust/director.ts";
import { parseAuthorityMap } from "../../src/trust/authority-map.ts";
import { addSignature, draftMap, makeDirector, type Signer, sign } from "../../src/trust/sign/index.ts";
import { signerFromPem } from "../../src/trust/sign/signer.ts";
import { type Authority, makeAuthority } from "../../src/trust/verify/index.ts";

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410 §7). */
const PKCS8_START = Buffer.from("302e020100300506032b657004220420", "hex");

export interface People {
  readonly author: Signer;
  readonly approver: Signer;
  /** Known to nobody's director. */
  readonly stranger: Signer;
  readonly director: Director;
  /** What every device believes. */
  readonly authority: Authority;
}

let made: Promise<People> | undefined;

export function people(): Promise<People> {
  made ??= make();
  return made;
}

async function make(): Promise<People> {
  const [author, approver, stranger] = [
    await signer("anna@isp.example"),
    await signer("bert@isp.example"),
    await signer("mallory@elsewhere.example"),
  ];
  const director = makeDirector({ name: "isp.example", version: 1, signers: [author, approver] });
  const scopes = [{ vendor: "*", model: "*", verbs: ["update", "stop", "restart", "query", "cancel"] }];
  const map = draftMap({
    owner: "isp.example",
    version: 1,
    expiresMs: 4_102_444_800_000,
    root: [author, approver],
    appointments: [{ director, scopes }],
  });
  return { author, approver, stranger, director, authority: makeAuthority(parseAuthorityMap(map)) };
}

/** One signature after the other over the same bytes. */
export async function signedBy(payload: Uint8Array, statement: Statement, [first, ...others]: readonly Signer[]): Promise<string> {
  if (first === undefined) throw new Error("somebody must sign");
  let text = await sign(payload, statement, first);
  for (const person of others) text = await addSignature(text, statement, person, payload);
  return text;
}

function signer(person: string): Promise<Signer> {
  const secret = new Bun.CryptoHasher("sha256").update(`a key of a simulated world: ${person}`).digest();
  const der = Buffer.concat([PKCS8_START, secret]).toString("base64");
  return signerFromPem(person, `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`);
}
