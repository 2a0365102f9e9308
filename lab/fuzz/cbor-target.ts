/** What must hold for any bytes at all given to the CBOR reader: a target for fuzzing and for property tests. */
import { encodeCbor, OpenC2Error, readCbor } from "../../src/openc2/index.ts";

/** Throws when an invariant breaks: only OpenC2Error is thrown, and what was read has one encoding, which reads as the same. */
export function fuzzCbor(bytes: Uint8Array): void {
  const encoded = attempt(() => encodeCbor(readCbor(bytes)));
  if (encoded === undefined) return;
  if (Buffer.compare(encodeCbor(readCbor(encoded)), encoded) !== 0) throw new Error("one value has two encodings");
}

/** Encoding may refuse too: `::` in text is three bytes, sixteen in binary, so that a full message can outgrow the limit. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof OpenC2Error) return undefined;
    throw error;
  }
}
