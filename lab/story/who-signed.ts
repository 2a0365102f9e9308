/**
 * Who signed what, of both authorities and of the owner over them. It is read from the very bytes that devices and gateways verify,
 * and those of the command are verified here again: what anybody says of them does not count.
 */
import { viewOf } from "../../src/depot/repository/describe.ts";
import { readRepository, releasesOf } from "../../src/depot/repository/read.ts";
import type { CampaignView } from "../../src/server/api/views.ts";
import type { State } from "../../src/server/state-directory.ts";
import type { Director } from "../../src/trust/director.ts";
import type { RootDocument } from "../../src/trust/root-document.ts";
import { verifyStatement } from "../../src/trust/verify/index.ts";

export interface Signature {
  readonly what: string;
  readonly signedBy: readonly string[];
  /** How many people it needs. */
  readonly needed: number;
}

/** The manufacturer's word: which bytes are a release. */
export async function signersOfRelease({ paths }: State, version: string): Promise<Signature> {
  const repository = await readRepository(paths.depot);
  const role = releasesOf(repository.targets).find(({ release }) => release.version === version)?.role;
  const view = viewOf(repository, Date.now()).find((candidate) => candidate.role === role);
  if (view === undefined) throw new Error(`nobody has signed a release ${version}`);
  return {
    what: `release ${version}, as version ${view.version} of the image repository's ${view.role}`,
    signedBy: view.signed,
    needed: view.threshold,
  };
}

/** The owner's word, who is director; and that of the director's root, whose keys command. */
export function signersOfAuthority({ authority: { map }, director }: State): readonly Signature[] {
  return [
    rootSignature(map, `version ${map.version} of the authority map: ${director.name} is director`),
    rootSignature(director, `version ${director.version} of the director ${director.name}: its command keys`),
  ];
}

/** The director's word: what is ordered, to whom at most, and how fast. */
export async function signersOfCampaign({ signed }: CampaignView, director: Director): Promise<readonly Signature[]> {
  const of = `by version ${director.version} of the director ${director.name}`;
  const texts = [
    ["command", signed.canary, "the canary's command"],
    ["command", signed.mass, "the command to the rest"],
    ["permit", signed.permit, "the permit"],
  ] as const;
  return Promise.all(
    texts.map(async ([statement, text, what]) => {
      const { persons } = await verifyStatement(new TextEncoder().encode(text), { director, statement });
      return { what: `${what}, ${of}`, signedBy: persons, needed: director.roles[statement].threshold };
    }),
  );
}

export function signatureLine({ what, signedBy, needed }: Signature): string {
  return `signed by ${signedBy.join(", ")} (${needed} needed): ${what}`;
}

function rootSignature({ root, keys, signatures }: RootDocument, what: string): Signature {
  const holders = root.kids.map((kid) => keys[kid]);
  const signedBy = holders.flatMap((key) => (key !== undefined && signatures.has(key.keyId) ? [key.person] : []));
  return { what, signedBy, needed: root.threshold };
}
