/** Reads and checks a response (LS 1.0 §3.3.2), and answers `query features` (§4.1). Pure. */
import { checkStranger, extensions, perProfiles, type ReadOptions } from "./extensions.ts";
import { runCheck } from "./faults.ts";
import { readJson } from "./json/read.ts";
import { RATE_LIMIT_PER_MINUTE, STATUS_TEXT_CHARACTERS_MAX } from "./limits.ts";
import { ACTIONS, type Feature, type JsonValue, type Response, type Results, STATUSES, type Validated } from "./model.ts";
import { pairsOf, type ProfileSet } from "./profiles/profile.ts";
import { type Check, closedMap, fail, integer, listOf, oneOf, text } from "./shape.ts";

/** Dialect D1: a bare LS 1.0 response. Throws OpenC2Error. */
export function parseResponse(bytes: Uint8Array, options: ReadOptions = {}): Validated<Response> {
  return validateResponse(readJson(bytes), options);
}

/** The value as a response, the same object. Throws OpenC2Error. */
export function validateResponse(value: JsonValue, options: ReadOptions = {}, path = "$"): Validated<Response> {
  runCheck(responseCheck(options), value, path);
  const checked: unknown = value;
  return checked as Validated<Response>;
}

/** What a consumer of these profiles answers to `query features`: nothing but a sign of life for an empty list. */
export function featuresResults(requested: readonly Feature[], profiles: ProfileSet): Results | undefined {
  const all: Results = {
    versions: ["1.0"],
    profiles: [...profiles.keys()],
    pairs: pairsOf(profiles),
    rate_limit: RATE_LIMIT_PER_MINUTE,
  };
  const chosen = Object.entries(all).filter(([name]) => (requested as readonly string[]).includes(name));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

/** For checks of what holds it. */
export const responseCheck = perProfiles(makeResponseCheck);

function makeResponseCheck(options: ReadOptions): Check {
  const core = { versions: listOf(text()), profiles: listOf(text()), pairs: makePairsCheck(options), rate_limit: positive };
  const results = closedMap(
    { ...core, ...extensions("results", options) },
    { otherwise: (nsid, value, path) => checkStranger(nsid, value, path, options) },
  );
  return closedMap({ status, status_text: text({ most: STATUS_TEXT_CHARACTERS_MAX }), results }, { required: ["status"] });
}

const status: Check = (value, path) => {
  integer({ least: 0, most: 999 })(value, path);
  oneOf(STATUSES)(value, path);
};

const positive: Check = (value, path) => {
  if (typeof value !== "number" || value < 0) fail("ERR_OPENC2_VALUE", path, "a number from 0 is expected");
};

/** Action -> targets (§3.4.2.1). A set of profiles closes it: an answer under these profiles says no pair that none of them has. */
function makePairsCheck({ profiles }: ReadOptions): Check {
  const name = text({ pattern: /^\S+$/, what: "a target's name" });
  const entries: readonly (readonly [string, Check])[] =
    typeof profiles === "object"
      ? Object.entries(pairsOf(profiles)).map(([action, targets]) => [action, oneOf(targets)] as const)
      : ACTIONS.map((action) => [action, name] as const);
  return closedMap(Object.fromEntries(entries.map(([action, target]) => [action, listOf(target, { least: 1, unique: true })])));
}
