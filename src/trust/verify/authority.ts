/**
 * What a device believes about who may command it, and the commands that it believes because of that. Pure. Everything here is
 * a value: a new document gives a new authority or an error, and the old one stays what it was.
 *
 * A command counts when all who signed it are people of one director, enough of them, and the authority map gives that
 * director this verb on this device. Two directors with one signature each are not two people of either.
 */
import { readJson } from "../../openc2/index.ts";
import { type AuthorityMap, isCovered, isMap, readAuthorityMap } from "../authority-map.ts";
import { checkNotExpired, type Director, parseDirector, readDirector } from "../director.ts";
import { TrustError } from "../errors.ts";
import { AUTHORITY_BYTES_MAX } from "../limits.ts";
import { Reader } from "../reader.ts";
import { documentOf, parseRootDocument, reading } from "../root-document.ts";
import { type VerifiedCommand, verbOf, verifyCommand } from "./command.ts";
import { parseJws } from "./jws.ts";
import { verifyNextDirector, verifyNextMap } from "./succession.ts";

export interface Authority {
  readonly map: AuthorityMap;
  /** The newest known version of each director that the map appoints, in the map's order. */
  readonly directors: readonly Director[];
}

export interface DeviceKind {
  readonly vendor: string;
  readonly name: string;
}

/** The authority by this map; `known` are versions that were believed before. */
export function makeAuthority(map: AuthorityMap, known: readonly Director[] = []): Authority {
  const directors = map.appointments.map(({ director }) => {
    const last = known.find(({ name }) => name === director.name);
    return last !== undefined && last.version > director.version ? last : director;
  });
  return { map, directors };
}

/**
 * The authority after the next version of its map or of one of its directors. Throws ERR_TRUST_DIRECTOR, ERR_TRUST_SCOPE for
 * a director who is not in the map, ERR_TRUST_ROLLBACK, ERR_TRUST_GAP, ERR_TRUST_THRESHOLD.
 */
export async function followDocument(authority: Authority, bytes: Uint8Array): Promise<Authority> {
  const { map, directors } = authority;
  if (isMap(parseRootDocument(bytes))) return makeAuthority(await verifyNextMap(map, bytes), directors);
  const { name } = parseDirector(bytes);
  const current = directors.find((director) => director.name === name);
  if (current === undefined) throw new TrustError("ERR_TRUST_SCOPE", `the authority map does not know the director "${name}"`);
  const next = await verifyNextDirector(current, bytes);
  return makeAuthority(map, [...directors.filter((director) => director !== current), next]);
}

/** Throws the codes of verifyCommand, then ERR_TRUST_SCOPE, ERR_TRUST_DIRECTOR_EXPIRED. */
export async function verifyCommandFor(
  frame: Uint8Array,
  { authority, device, nowMs }: { readonly authority: Authority; readonly device: DeviceKind; readonly nowMs: number },
): Promise<VerifiedCommand> {
  const kids = parseJws(frame, "command").signatures.map(({ kid }) => kid);
  // One key may serve two directors; whichever of them has the say counts. Nobody's: verifyCommand says whose key is missing.
  const claimed = authority.directors.filter(({ keys }) => kids.every((kid) => Object.hasOwn(keys, kid)));
  const candidates = claimed.length > 0 ? claimed : authority.directors.slice(0, 1);
  let refusal: unknown = new TrustError("ERR_TRUST_SCOPE", "the authority map appoints no director");
  for (const [index, director] of candidates.entries()) {
    try {
      const verified = await verifyCommand(frame, { director, nowMs });
      checkScope(verified, director, authority.map, device, nowMs);
      return verified;
    } catch (error) {
      if (index === 0) refusal = error;
    }
  }
  throw refusal;
}

function checkScope(verified: VerifiedCommand, { name }: Director, map: AuthorityMap, device: DeviceKind, nowMs: number): void {
  const verb = verbOf(verified.command);
  const scopes = map.appointments.find(({ director }) => director.name === name)?.scopes ?? [];
  if (!isCovered(scopes, device, verb))
    throw new TrustError("ERR_TRUST_SCOPE", `"${name}" may not ${verb} on ${device.vendor} ${device.name}`);
  // What stops things needs one person, and no date.
  if (verified.command.action !== "cancel") checkNotExpired(map, "authority map", nowMs);
}

/** The authority as it is kept on a disk. What is read back was believed when it was written. */
export function encodeAuthority({ map, directors }: Authority): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ map: documentOf(map), directors: directors.map(documentOf) }));
}

/** Throws ERR_TRUST_DIRECTOR. */
export function parseAuthority(bytes: Uint8Array): Authority {
  return reading(() => {
    const kept = new Reader(readJson(bytes, { bytesMax: AUTHORITY_BYTES_MAX }), "authority", "ERR_TRUST_DIRECTOR");
    return makeAuthority(readAuthorityMap(kept.object("map")), kept.list("directors").map(readDirector));
  });
}
