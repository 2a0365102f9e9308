/**
 * What was put up with in a message that was read. Some of it the specifications let a consumer put up with, and it is only said.
 * The rest is wrong, but sent by implementations in the field: it is mended for a peer that is known to need it, and never on a
 * device's own channel. Pure.
 */
import type { TextForm } from "../cbor/binary-forms.ts";
import { canonical } from "../canonical.ts";
import { hasCoreArg, repeatsFeature } from "../command.ts";
import type { Message } from "../model.ts";
import { asJson } from "./values.ts";

/** Mended on request, peer by peer (`tolerate`). */
export const MENDABLE = [
  /** `"headers": {}`: read as none. */
  "headers-empty",
  /** `"to": "a"`: read as a list of one. */
  "to-is-a-string",
  /** `"to": []` or `""`: read as to nobody in particular. */
  "to-empty",
  /** `created` as seconds, as in the examples of MQTT v1.0. */
  "created-in-seconds",
  /** `"profile": {"slpf": {...}}`: read as the `actuator` of LS 1.0. */
  "profile-is-a-map",
  /** `"results": "some words"`: read as the status_text. */
  "results-is-a-string",
] as const;
export type Mendable = (typeof MENDABLE)[number];

export type Tolerance =
  | Mendable
  /** LS 1.0 §3.1.5 wants Base16 in upper case; all public vectors are lower. */
  | "hash-lower-case"
  /** RFC 5952 knows one spelling (LS 1.0 §3.1.5). */
  | "ipv6-not-canonical"
  | "mac-not-canonical"
  /** The producer's error, which a consumer should ignore (LS 1.0 §3.4.1.5). */
  | "features-repeated"
  /** LS 1.0 §3.3.1.4 wants one argument of its own; the example of SLPF has none. */
  | "args-without-core-element";

const OF_FORM: { readonly [form in TextForm]?: Tolerance } = {
  hex: "hash-lower-case",
  mac: "mac-not-canonical",
  "ipv6-net": "ipv6-not-canonical",
};

/** What stands in a command or response as the specifications would not have it. */
export function tolerancesIn(message: Message): ReadonlySet<Tolerance> {
  const found = new Set<Tolerance>();
  if (message.kind === "request" && repeatsFeature(message.command)) found.add("features-repeated");
  if (message.kind === "request" && !hasCoreArg(message.command)) found.add("args-without-core-element");
  const content = asJson(message.kind === "request" ? message.command : message.response);
  canonical(content, (form) => {
    const tolerance = OF_FORM[form];
    if (tolerance !== undefined) found.add(tolerance);
  });
  return found;
}
