/** A document of trust in sentences: what a person reads before signing it, and what `edict trust show` prints. */
import { type AuthorityMap, isMap, parseAuthorityMap } from "../../trust/authority-map.ts";
import { type Director, parseDirector, STATEMENTS } from "../../trust/director.ts";
import { parseRootDocument, type Role, type RootDocument } from "../../trust/root-document.ts";

export type TrustDocument =
  | { readonly kind: "director"; readonly document: Director }
  | { readonly kind: "map"; readonly document: AuthorityMap };

/** Throws ERR_TRUST_DIRECTOR. */
export function parseTrustDocument(bytes: Uint8Array): TrustDocument {
  if (isMap(parseRootDocument(bytes))) return { kind: "map", document: parseAuthorityMap(bytes) };
  return { kind: "director", document: parseDirector(bytes) };
}

export function titleOf(given: TrustDocument): string {
  const { version } = given.document;
  return given.kind === "map"
    ? `version ${version} of the authority map of ${given.document.owner}`
    : `version ${version} of the director ${given.document.name}`;
}

export function describe(given: TrustDocument): readonly string[] {
  return given.kind === "map" ? describeMap(given.document) : describeDirector(given.document);
}

function describeDirector(director: Director): readonly string[] {
  const roles = STATEMENTS.map((statement) => roleLine(statement, director.roles[statement], director));
  return [expiryLine(director), ...roles, roleLine("next version", director.root, director)];
}

function describeMap(map: AuthorityMap): readonly string[] {
  const appointed = map.appointments.flatMap(({ director, scopes }) => [
    `  ${director.name} (from version ${director.version}) may:`,
    ...scopes.map(
      ({ vendor, model, verbs }) =>
        `    ${verbs.join(", ")} on ${vendor === "*" ? "any vendor's" : vendor} ${model === "*" ? "devices" : model}`,
    ),
  ]);
  return [expiryLine(map), ...(appointed.length === 0 ? ["  nobody is director"] : appointed), roleLine("next version", map.root, map)];
}

function expiryLine({ expiresMs }: RootDocument): string {
  return `  until             ${new Date(expiresMs).toISOString().slice(0, 16)}Z; after that it can only stop things`;
}

function roleLine(name: string, { kids, threshold }: Role, { keys, signatures }: RootDocument): string {
  const holders = kids.map((kid) => `${keys[kid]?.person} (${kid})`);
  const signed = kids.filter((kid) => signatures.has(keys[kid]?.keyId ?? "")).map((kid) => keys[kid]?.person);
  const marked = name === "next version" ? `; this version bears signatures of ${signed.join(", ") || "nobody"}` : "";
  return `  ${name.padEnd(17)} ${threshold} of ${holders.join(", ")}${marked}`;
}
