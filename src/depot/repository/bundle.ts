/**
 * A bundle: documents that wait for signatures, on their way to the people who hold the keys and back. It carries what is needed
 * to judge it on a machine without a network: the roots so far, what is published now, and the drafts. Signatures of several
 * people are collected one after the other, or side by side and merged when it is published.
 */
import { isDeepStrictEqual } from "node:util";
import type { Metadata, Root, Targets } from "@tufjs/models";
import { readJson } from "../../openc2/index.ts";
import { DepotError } from "../errors.ts";
import { BUNDLE_BYTES_MAX } from "../limits.ts";
import type { Draft } from "./changes.ts";
import { type Delegator, type Document, type Json, rootFrom, signed, type Standing, standingOf, targetsFrom } from "./metadata.ts";
import type { Repository } from "./read.ts";
import { publicKeyOf, type RoleSigner } from "./role-signer.ts";

export interface Bundle {
  /** Of the repository that it was prepared on (read.ts); empty for a new one. */
  readonly state: string;
  /** From the pinned one to the newest; none for a new repository. */
  readonly roots: readonly Metadata<Root>[];
  /** What is published now, of each role that has a draft, and of targets. */
  readonly before: ReadonlyMap<string, Metadata<Targets>>;
  readonly draft: Draft;
}

/** One document and one of those whose word it needs. */
export interface Demand {
  /** As it will be published, `3.targets.json`. */
  readonly file: string;
  readonly role: string;
  readonly document: Metadata<Document>;
  readonly delegator: Delegator;
}

const FORMAT = "edict-release-bundle-1";

export function bundleOf(repository: Repository | undefined, draft: Draft): Bundle {
  const names = new Set(["targets", ...draft.targets.keys()]);
  const before = new Map([...(repository?.targets ?? [])].filter(([role]) => names.has(role)));
  return { state: repository?.state ?? "", roots: repository?.roots ?? [], before, draft };
}

/** Everything that has to be signed, in the order in which it is believed (TUF 1.0 §5.3, §5.6). */
export function demandsOf({ roots, before, draft }: Bundle): readonly Demand[] {
  const current = roots.at(-1);
  const root = draft.root ?? current;
  if (root === undefined) throw wrong("it has no root metadata");
  const demands: Demand[] = [];
  if (draft.root !== undefined) {
    // A new root needs the word of the old one's people and of its own (§5.3.4).
    for (const delegator of [...(current ? [current] : []), draft.root])
      demands.push({ file: fileOf("root", draft.root), role: "root", document: draft.root, delegator });
  }
  const top = draft.targets.get("targets") ?? before.get("targets");
  for (const [role, document] of draft.targets) {
    const delegator = role === "targets" ? root : top;
    if (delegator === undefined) throw wrong("it has no targets metadata");
    demands.push({ file: fileOf(role, document), role, document, delegator });
  }
  return demands;
}

/** Adds the signatures that these signers are asked for. What a person is about to sign is shown by the caller before. */
export async function signBundle(bundle: Bundle, signers: readonly RoleSigner[]): Promise<Bundle> {
  let { root } = bundle.draft;
  const targets = new Map(bundle.draft.targets);
  for (const { role, delegator } of demandsOf(bundle)) {
    for (const signer of signers) {
      if (!isAsked(signer, role, delegator)) continue;
      const document = targets.get(role);
      if (role === "root" && root !== undefined) root = await signed(root, signer);
      else if (document !== undefined) targets.set(role, await signed(document, signer));
    }
  }
  return { ...bundle, draft: { ...(root && { root }), targets } };
}

/** One bundle with the signatures of all. Throws ERR_DEPOT_BUNDLE when they are not of one and the same change. */
export function mergeBundles([first, ...others]: readonly [Bundle, ...Bundle[]]): Bundle {
  const merged = encode(first);
  for (const { state, drafts } of others.map(encode)) {
    for (const [role, document] of Object.entries(merged.drafts)) {
      const theirs = drafts[role];
      if (state !== merged.state || theirs === undefined || !isDeepStrictEqual(theirs.signed, document.signed))
        throw wrong("the bundles are not of one and the same change");
      const known = new Set(document.signatures.map(({ keyid }) => keyid));
      document.signatures.push(...theirs.signatures.filter(({ keyid }) => !known.has(keyid)));
    }
  }
  return decode(merged);
}

export interface DemandStanding extends Standing {
  readonly file: string;
  /** Whose word: "root 2", "targets 7". */
  readonly asks: string;
}

export function standingsOf(bundle: Bundle): readonly DemandStanding[] {
  return demandsOf(bundle).map(({ file, role, document, delegator }) => ({
    file,
    asks: `${delegator.signed.type} ${delegator.signed.version}`,
    ...standingOf(delegator, role, document),
  }));
}

export function isAsked(signer: RoleSigner, role: string, { signed: delegator }: Delegator): boolean {
  const { keyID } = publicKeyOf(signer);
  const holder = delegator.type === "root" ? delegator.roles[role] : delegator.delegations?.roles?.[role];
  return holder?.keyIDs.includes(keyID) ?? false;
}

export function fileOf(role: string, { signed: { version } }: Metadata<Document>): string {
  return `${version}.${role}.json`;
}

export function encodeBundle(bundle: Bundle): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(encode(bundle), null, 1)}\n`);
}

/** Throws ERR_DEPOT_BUNDLE. */
export function parseBundle(bytes: Uint8Array): Bundle {
  try {
    const json = readJson(bytes, { bytesMax: BUNDLE_BYTES_MAX, membersMax: BUNDLE_BYTES_MAX }) as object as BundleJson;
    if (json.format !== FORMAT) throw new Error("it does not say that it is one");
    return decode(json);
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

interface DocumentJson {
  readonly signed: Json;
  readonly signatures: { readonly keyid: string; readonly sig: string }[];
}

interface BundleJson {
  readonly format: string;
  readonly state: string;
  readonly roots: readonly DocumentJson[];
  readonly before: { readonly [role: string]: DocumentJson };
  /** By role, root first. */
  readonly drafts: { readonly [role: string]: DocumentJson };
}

function encode({ state, roots, before, draft }: Bundle): BundleJson {
  const json = (metadata: Metadata<Document>) => metadata.toJSON() as object as DocumentJson;
  const all = (documents: ReadonlyMap<string, Metadata<Document>>) =>
    Object.fromEntries([...documents].map(([role, document]) => [role, json(document)]));
  const drafts = new Map<string, Metadata<Document>>([...(draft.root ? [["root", draft.root] as const] : []), ...draft.targets]);
  return { format: FORMAT, state, roots: roots.map(json), before: all(before), drafts: all(drafts) };
}

function decode({ state, roots, before, drafts }: BundleJson): Bundle {
  const read = (documents: BundleJson["drafts"]) =>
    new Map(Object.entries(documents).map(([role, document]) => [role, targetsFrom(document as object as Json)]));
  const { root, ...targets } = drafts;
  return {
    state,
    roots: roots.map((document) => rootFrom(document as object as Json)),
    before: read(before),
    draft: { ...(root && { root: rootFrom(root as object as Json) }), targets: read(targets) },
  };
}

function wrong(message: string, cause?: unknown): DepotError {
  return new DepotError("ERR_DEPOT_BUNDLE", `the bundle cannot be used: ${message}`, { cause });
}
