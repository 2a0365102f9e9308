/** Mends what implementations in the field get wrong, before a message is checked, and says what it mended. Pure. */
import { STATUS_TEXT_CHARACTERS_MAX } from "../limits.ts";
import type { JsonObject, JsonValue } from "../model.ts";
import type { Mendable } from "./tolerances.ts";
import { isObject, made, within } from "./values.ts";

/** Before this many, seconds since the epoch look like milliseconds of 1973. */
const SECONDS_MAX = 100_000_000_000;

/** The value with what was mended, frozen like what a reader gives; the same value if it was nothing. */
export function mend(value: JsonValue, tolerate: readonly Mendable[], mended: Set<Mendable>): JsonValue {
  if (!isObject(value)) return value;
  const may = (name: Mendable) => tolerate.includes(name) && mended.add(name) !== undefined;
  const headers = mendHeaders(value["headers"], may);
  const body = within(value["body"], "openc2", (openc2) =>
    within(
      within(openc2, "request", (request) => mendRequest(request, may)),
      "response",
      (response) => mendResponse(response, may),
    ),
  );
  const bare = "status" in value ? mendResponse(value, may) : value;
  return mended.size === 0 ? value : made({ ...(bare as JsonObject), headers, body });
}

function mendHeaders(headers: JsonValue | undefined, may: (name: Mendable) => boolean): JsonValue | undefined {
  if (!isObject(headers)) return headers;
  if (Object.keys(headers).length === 0) return may("headers-empty") ? undefined : headers;
  const { to, created } = headers;
  let mendedTo = to;
  if (to === "" || (Array.isArray(to) && to.length === 0)) mendedTo = may("to-empty") ? undefined : to;
  else if (typeof to === "string" && may("to-is-a-string")) mendedTo = Object.freeze([to]);
  const isSeconds = typeof created === "number" && created < SECONDS_MAX && may("created-in-seconds");
  return made({ ...headers, to: mendedTo, created: isSeconds ? created * 1000 : created });
}

function mendRequest(request: JsonValue, may: (name: Mendable) => boolean): JsonValue {
  if (!isObject(request) || !isObject(request["profile"]) || "actuator" in request || !may("profile-is-a-map")) return request;
  const { profile, ...rest } = request;
  return made({ ...rest, actuator: profile });
}

function mendResponse(response: JsonValue, may: (name: Mendable) => boolean): JsonValue {
  if (!isObject(response) || typeof response["results"] !== "string" || !may("results-is-a-string")) return response;
  const { results, status_text: statusText = results, ...rest } = response;
  // What stands there is for a person, at times a whole traceback.
  return made({ ...rest, status_text: typeof statusText === "string" ? statusText.slice(0, STATUS_TEXT_CHARACTERS_MAX) : statusText });
}
