/**
 * The forms in which a private key can lie about: as libraries hold it in memory, and as files, databases and environments spell it. Text forms
 * are cut into pieces, so that a PEM's line end within one hides nothing. What a library derives from a key for its own arithmetic
 * (Montgomery form, tables of multiples) is not looked for.
 */
import { createHash } from "node:crypto";
import type { JWK } from "jose";
import type { Needle } from "./needles.ts";

/** Characters: 120 bits of the key, which nothing else has by chance. */
const PIECE = 20;

/** `name` says whose key it is. */
export function formsOf(name: string, { crv, d = "" }: JWK): readonly Needle[] {
  const raw = Buffer.from(d, "base64url");
  const needle = (form: string, bytes: Uint8Array): Needle => ({ key: name, form, bytes });
  return [
    needle("raw", raw),
    needle("raw, little-endian", raw.toReversed()),
    ...(crv === "Ed25519" ? [needle("expanded", expanded(raw))] : []),
    ...["hex", "HEX"].map((form) => needle(form, text(form === "hex" ? raw.toString("hex") : raw.toString("hex").toUpperCase()))),
    ...["base64", "base64url"].flatMap((form) => piecesOf(raw, form as "base64").map((piece) => needle(form, text(piece)))),
  ];
}

/** The scalar of RFC 8032 §5.1.5, without its first and last byte, in which bits are set. */
function expanded(seed: Uint8Array): Uint8Array {
  return createHash("sha512").update(seed).digest().subarray(1, 31);
}

/** How the key reads within a longer text, whatever stands before it there: a PEM or DER puts it at any of three places. */
function piecesOf(raw: Uint8Array, form: "base64" | "base64url"): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([new Uint8Array(before), raw]);
    const own = all.toString(form).slice(Math.ceil((before * 8) / 6), Math.floor((all.length * 8) / 6));
    return [own.slice(0, PIECE), own.slice(-PIECE)];
  });
}

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}
