/** Three people with the keys that `edict init` gives them, a director and a map of theirs, and all that they sign. */
import { type AuthorityMap, parseAuthorityMap, type Scope } from "../../src/trust/authority-map.ts";
import { type Director, parseDirector } from "../../src/trust/director.ts";
import {
  addSignature,
  type DirectorDraft,
  draftDirector,
  draftMap,
  generateSigner,
  type MapDraft,
  type Signer,
  sign,
  signDocument,
} from "../../src/trust/sign/index.ts";
import type { Statement } from "../../src/trust/director.ts";
import { encodeAuthority, makeAuthority } from "../../src/trust/verify/index.ts";

export const YEAR_MS = 365 * 86_400_000;
export const ALL_VERBS: readonly string[] = ["update", "query", "cancel", "deny", "stop process", "restart"];
export const ANYWHERE: Scope = { vendor: "*", model: "*", verbs: ALL_VERBS };

export interface Party {
  readonly name: string;
  readonly author: Signer;
  readonly approver: Signer;
  /** Three holders of the director's root keys, and of the map's. */
  readonly root: readonly [Signer, Signer, Signer];
  readonly owner: readonly [Signer, Signer, Signer];
}

export async function makeParty(name: string, algorithm: "EdDSA" | "ES256" = "EdDSA"): Promise<Party> {
  const three = async () =>
    [await generateSigner(`anna@${name}`, algorithm), await generateSigner(`bert@${name}`), await generateSigner(`carl@${name}`)] as const;
  return {
    name,
    author: await generateSigner(`anna@${name}`),
    approver: await generateSigner(`bert@${name}`, algorithm),
    root: await three(),
    owner: await three(),
  };
}

export async function signedBy(draft: Uint8Array, signers: readonly Signer[]): Promise<Uint8Array> {
  let bytes = draft;
  for (const signer of signers) bytes = await signDocument(bytes, signer);
  return bytes;
}

/** A director's document, signed by two of its three root holders if not said otherwise. */
export async function directorBytes(
  { name, author, approver, root }: Party,
  change: Partial<DirectorDraft> & { readonly signers?: readonly Signer[] } = {},
): Promise<Uint8Array> {
  const { signers = root.slice(0, 2), ...draft } = change;
  const whole = { name, version: 1, expiresMs: Date.now() + YEAR_MS, root, commanders: [author, approver], ...draft };
  return signedBy(draftDirector(whole), signers);
}

export async function directorOf(party: Party, change?: Parameters<typeof directorBytes>[1]): Promise<Director> {
  return parseDirector(await directorBytes(party, change));
}

/** A map that its owner signed; by default with this party's director for everything. */
export async function mapBytes(
  party: Party,
  change: Partial<MapDraft> & { readonly signers?: readonly Signer[] } = {},
): Promise<Uint8Array> {
  const { signers = party.owner.slice(0, 2), ...draft } = change;
  const appointments = draft.appointments ?? [{ director: await directorOf(party), scopes: [ANYWHERE] }];
  const whole = { owner: party.name, version: 1, expiresMs: Date.now() + 5 * YEAR_MS, root: party.owner, ...draft, appointments };
  return signedBy(draftMap(whole), signers);
}

export async function mapOf(party: Party, change?: Parameters<typeof mapBytes>[1]): Promise<AuthorityMap> {
  return parseAuthorityMap(await mapBytes(party, change));
}

/** What a device is pinned to when this director may do everything everywhere. */
export function pinnedTrust(director: Director, root: readonly Signer[]): Uint8Array {
  const draft = { owner: director.name, version: 1, expiresMs: Date.now() + 5 * YEAR_MS, root };
  return encodeAuthority(makeAuthority(parseAuthorityMap(draftMap({ ...draft, appointments: [{ director, scopes: [ANYWHERE] }] }))));
}

export async function frameOf(payload: Uint8Array, statement: Statement, [first, ...others]: readonly Signer[]): Promise<Uint8Array> {
  if (first === undefined) throw new Error("somebody must sign");
  let jws = await sign(payload, statement, first);
  for (const signer of others) jws = await addSignature(jws, statement, signer, payload);
  return new TextEncoder().encode(jws);
}
