/**
 * Which serialisation a body has, by its media type (HTTPS v1.1 §3.3.1), and which type the answer gets. Pure.
 * Read: this version's type and those of HTTPS v1.0, in any case, with space around the semicolon, with or without the
 * version. Written: always exactly as the specification prints it.
 */
export interface MediaType {
  readonly serialisation: "json" | "cbor";
  readonly answer: string;
}

export const OPENC2_JSON = "application/openc2+json;version=1.0";
export const OPENC2_CBOR = "application/openc2+cbor;version=1.0";

const JSON_TYPE: MediaType = { serialisation: "json", answer: OPENC2_JSON };
const TYPES: ReadonlyMap<string, MediaType> = new Map([
  ["application/openc2+json", JSON_TYPE],
  // HTTPS v1.0 §3.3.1: one type for commands, another for responses.
  ["application/openc2-cmd+json", { serialisation: "json", answer: "application/openc2-rsp+json;version=1.0" }],
  ["application/openc2+cbor", { serialisation: "cbor", answer: OPENC2_CBOR }],
]);

const PATTERN = /^([\w.+/-]{1,64})(?:[ \t]*;[ \t]*version[ \t]*=[ \t]*("?)1\.0\2)?$/i;

/** Undefined when it is not OpenC2 in version 1.0. */
export function readMediaType(header: string | undefined): MediaType | undefined {
  // Nearly all are this one.
  if (header === OPENC2_JSON) return JSON_TYPE;
  const [, name = ""] = PATTERN.exec(header ?? "") ?? [];
  return TYPES.get(name.toLowerCase());
}
