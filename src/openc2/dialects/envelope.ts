/** The envelope that D2 and D3 share: HTTPS v1.1 §3.3.2, MQTT v1.0 §2.4.2. Pure. */
import type { Headers, JsonObject, JsonValue } from "../model.ts";
import { type Check, choice, closedMap, fail, integer, listOf, onlyMember, text } from "../shape.ts";
import { made } from "./values.ts";

export interface Content {
  readonly headers: Headers;
  readonly kind: "request" | "response";
  readonly content: JsonObject;
}

export const REQUEST_PATH = "$.body.openc2.request";
export const RESPONSE_PATH = "$.body.openc2.response";

/** The envelope has headers with something in them, or none. */
export const NO_HEADERS: Headers = made({});
const headers = closedMap({ request_id: text(), created: integer({ least: 0 }), from: text(), to: listOf(text(), { least: 1 }) });

/** An envelope with one of these in it. `signature` is looked at by who verifies it. */
export function envelopeCheck(request: Check, response: Check): Check {
  const openc2: Check = (value, path, faults) => {
    const kind = onlyMember(value, path);
    const content = (value as JsonObject)[kind] ?? null;
    if (kind === "request") request(content, REQUEST_PATH, faults);
    else if (kind === "response") response(content, RESPONSE_PATH, faults);
    else fail("ERR_OPENC2_ENVELOPE", path, "neither a request nor a response");
  };
  return closedMap({ headers, body: choice({ openc2 }), signature: text() }, { required: ["body"] });
}

/** Of an envelope that has passed its check. */
export function contentOf(value: JsonValue): Content {
  const checked: unknown = value;
  const { headers = NO_HEADERS, body } = checked as {
    headers?: Headers;
    body: { openc2: { request?: JsonObject; response?: JsonObject } };
  };
  const { request, response } = body.openc2;
  if (request !== undefined) return { headers, kind: "request", content: request };
  return { headers, kind: "response", content: response ?? {} };
}
