/**
 * Where OpenC2 writes bytes as text in JSON and as bytes in CBOR: hashes, the payload of an artifact, MAC addresses and
 * networks (JADN v1.0 §4.4; LS 1.0 §3.4.1.9). Which member is meant follows from its name and what it stands in. Pure.
 */
import { base64url } from "jose";
import type { JsonValue } from "../model.ts";
import { formatAddress, parseAddress } from "../address-bytes.ts";

/** What may stand in a CBOR message. Bytes, where JSON has text. */
export type CborValue = null | boolean | number | string | Uint8Array | readonly CborValue[] | { readonly [name: string]: CborValue };

/** How the bytes of one member are written as text. */
export type TextForm = "hex" | "base64url" | "mac" | NetForm;
type NetForm = "ipv4-net" | "ipv6-net";
/** Maps in which some members are bytes. */
type Holder = "hashes" | "payload" | "ipv4-connection" | "ipv6-connection";
/** What is known of a place in a message: nothing, that some of its members are bytes, or that it is bytes itself. */
export type Place = "plain" | Holder | TextForm;

const MEMBERS: { readonly [holder in "plain" | Exclude<Holder, "hashes">]: ReadonlyMap<string, Place> } = {
  plain: new Map<string, Place>([
    ["hashes", "hashes"],
    ["payload", "payload"],
    ["mac_addr", "mac"],
    ["ipv4_net", "ipv4-net"],
    ["ipv6_net", "ipv6-net"],
    ["ipv4_connection", "ipv4-connection"],
    ["ipv6_connection", "ipv6-connection"],
  ]),
  payload: new Map([["bin", "base64url"]]),
  "ipv4-connection": new Map([
    ["src_addr", "ipv4-net"],
    ["dst_addr", "ipv4-net"],
  ]),
  "ipv6-connection": new Map([
    ["src_addr", "ipv6-net"],
    ["dst_addr", "ipv6-net"],
  ]),
};

export function placeOfMember(holder: Place, name: string): Place {
  // LS 1.0 §3.4.2.5 knows three hashes, profiles know more: all of them are Binary /x.
  if (holder === "hashes") return "hex";
  return (isTextForm(holder) ? undefined : MEMBERS[holder].get(name)) ?? "plain";
}

export function isTextForm(place: Place): place is TextForm {
  return place === "hex" || place === "base64url" || place === "mac" || isNet(place);
}

/** LS 1.0 §3.4.1.9: "a binary representation of the IP address and the prefix, each in their own field": a list of both. */
export function isNet(place: Place): place is NetForm {
  return place === "ipv4-net" || place === "ipv6-net";
}

/** Text as bytes; undefined for text that is not of this form, which then stays text for the checks of the language to judge. */
export function toBinary(form: TextForm, text: string): Uint8Array | readonly CborValue[] | undefined {
  switch (form) {
    case "hex":
      return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? fromHex(text) : undefined;
    case "mac":
      return /^[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?:(?:\1[0-9A-Fa-f]{2}){2})?$/.test(text)
        ? fromHex(text.replaceAll(/[:-]/g, ""))
        : undefined;
    case "base64url":
      return /^[A-Za-z0-9_-]+={0,2}$/.test(text) ? fromBase64url(text) : undefined;
    default:
      return netToBinary(form, text);
  }
}

/** Bytes as the text that JSON has for them; undefined when they do not fit the form. */
export function toText(form: TextForm, value: Uint8Array | readonly CborValue[]): JsonValue | undefined {
  if (!(value instanceof Uint8Array)) return netToText(form, value);
  switch (form) {
    // Upper case, as LS 1.0 §3.1.5 wants Base16.
    case "hex":
      return toHex(value).join("");
    case "mac":
      return value.length === 6 || value.length === 8 ? toHex(value).join(":") : undefined;
    case "base64url":
      return base64url.encode(value);
    default:
      return undefined;
  }
}

function netToBinary(form: NetForm, text: string): readonly CborValue[] | undefined {
  const [host = "", prefix, ...rest] = text.split("/");
  const address = parseAddress(host, form === "ipv4-net" ? 4 : 16);
  if (address === undefined || rest.length > 0) return undefined;
  if (prefix === undefined) return [address];
  return /^(?:0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= address.length * 8 ? [address, Number(prefix)] : undefined;
}

function netToText(form: TextForm, [address, prefix, ...rest]: readonly CborValue[]): string | undefined {
  const length = form === "ipv4-net" ? 4 : form === "ipv6-net" ? 16 : undefined;
  if (!(address instanceof Uint8Array) || address.length !== length || rest.length > 0) return undefined;
  if (prefix === undefined) return formatAddress(address);
  const isPrefix = typeof prefix === "number" && Number.isInteger(prefix) && prefix >= 0 && prefix <= length * 8;
  return isPrefix ? `${formatAddress(address)}/${prefix}` : undefined;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function toHex(bytes: Uint8Array): readonly string[] {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase());
}

/** Padding is dropped; bits behind the last byte that are not zero (RFC 4648 §3.5) would be lost. */
function fromBase64url(text: string): Uint8Array | undefined {
  const spelling = text.replace(/=+$/, "");
  try {
    const bytes = base64url.decode(spelling);
    return base64url.encode(bytes) === spelling ? bytes : undefined;
  } catch {
    return undefined;
  }
}
