/** The two ways to write a message as bytes: JSON, and CBOR where a transfer foresees it (MQTT v1.0 §2.4.1). Pure. */
import { encodeCbor } from "./cbor/encode.ts";
import { readCbor } from "./cbor/read.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { encodeMessage, writeMessage } from "./dialects/write.ts";
import type { ReadOptions } from "./extensions.ts";
import { readJson } from "./json/read.ts";
import type { JsonValue, Message } from "./model.ts";

export type Serialisation = "json" | "cbor";

/** Found out by looking: a message is a map, whose first byte in CBOR begins no text. */
export function serialisationOf([first = 0]: Uint8Array): Serialisation {
  return first >> 5 === 5 ? "cbor" : "json";
}

/** Throws ERR_OPENC2_JSON_* or ERR_OPENC2_CBOR_*. */
export function readValue(bytes: Uint8Array, serialisation: Serialisation): JsonValue {
  return serialisation === "cbor" ? readCbor(bytes) : readJson(bytes);
}

/** The exact bytes. Throws OpenC2Error rather than emit what a strict reader would refuse. */
export function serialise(message: Message, dialect: Dialect, serialisation: Serialisation, options: ReadOptions = {}): Uint8Array {
  const json = encodeMessage(message, dialect, options);
  return serialisation === "cbor" ? encodeCbor(writeMessage(message, dialect)) : json;
}
