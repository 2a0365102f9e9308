/**
 * The one way to write what the language lets be written in several: Base16 in upper case (LS 1.0 §3.1.5), IPv6 after RFC 5952, MAC
 * addresses in capitals with colons. What is sent is canonical; what is read may not be, and then it is noticed. Pure.
 */
import { formatAddress, parseAddress } from "./address-bytes.ts";
import { isTextForm, type Place, placeOfMember, type TextForm } from "./cbor/binary-forms.ts";
import type { JsonObject, JsonValue } from "./model.ts";

/** Called for each text that is not canonical. */
type Notice = (form: TextForm) => void;

/** The same object when all of it is canonical. */
export function canonical(value: JsonValue, notice?: Notice, place: Place = "plain"): JsonValue {
  if (typeof value === "string") {
    if (!isTextForm(place)) return value;
    const text = canonicalText(value, place);
    if (text !== value) notice?.(place);
    return text;
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return canonicalList(value, notice);
  const map = value as JsonObject;
  let copy: Record<string, JsonValue> | undefined;
  for (const name in map) {
    const member = map[name];
    if (member === undefined) continue;
    const written = canonical(member, notice, placeOfMember(place, name));
    if (written !== member) (copy ??= { ...map })[name] = written;
  }
  return copy ?? map;
}

function canonicalList(list: readonly JsonValue[], notice?: Notice): readonly JsonValue[] {
  let copy: JsonValue[] | undefined;
  // By index: on the path of every message.
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index] ?? null;
    const written = canonical(item, notice);
    if (written !== item) (copy ??= [...list])[index] = written;
  }
  return copy ?? list;
}

/** Text that is not of its form stays as it is: whether it may stand there at all is for the checks to say. */
function canonicalText(text: string, form: TextForm): string {
  switch (form) {
    case "hex":
      return /^[0-9A-Fa-f]*$/.test(text) ? text.toUpperCase() : text;
    case "mac":
      return text.toUpperCase().replaceAll("-", ":");
    case "ipv6-net": {
      const [host = "", ...prefix] = text.split("/");
      const bytes = parseAddress(host, 16);
      return bytes === undefined ? text : [formatAddress(bytes), ...prefix].join("/");
    }
    default:
      return text;
  }
}
