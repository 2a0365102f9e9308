/**
 * Makes an image out of an older one and a delta, as a stream. The delta's own digest is the caller's to check before, so that no
 * stranger's bytes reach the decoder; length and memory are bounded here all the same, because whoever signs may err. The image's
 * digest is the caller's to check after.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdDecompress } from "node:zlib";
import { DepotError } from "../../errors.ts";

export interface DeltaInput {
  /** The image that it starts from, whole. */
  readonly dictionary: Uint8Array;
  readonly delta: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Of the image that comes out: exactly so many are given, or it fails. bytes */
  readonly size: number;
  /** Takes the next bytes in order; the next ones come when it has resolved. */
  readonly onChunk: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Throws ERR_DEPOT_DELTA, what `onChunk` throws, and the signal's reason. */
export async function applyDelta({ dictionary, delta, size, onChunk, signal }: DeltaInput): Promise<void> {
  const decoder = createZstdDecompress({
    dictionary,
    params: { [constants.ZSTD_d_windowLogMax]: windowLogOf(size) },
  });
  let deltaBytes = 0;
  async function* give(): AsyncGenerator<Uint8Array> {
    for await (const chunk of delta) {
      deltaBytes += chunk.length;
      yield chunk;
    }
  }
  let bytes = 0;
  const take = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      // A bomb ends here, one chunk after the last byte that was promised.
      if (bytes > size) throw wrong(`it makes more than the ${size} bytes of the image`);
      await onChunk(chunk);
    }
  };
  try {
    await pipeline(Readable.from(give()), decoder, take, signal === undefined ? {} : { signal });
  } catch (error) {
    throw isDecoders(error) ? wrong(`it cannot be decoded (${error.message})`, error) : error;
  }
  // The decoder passes over what follows its frame in one chunk, whatever `rejectGarbageAfterEnd` says (Bun 1.4.5), and ends a frame that is cut without an error.
  if (decoder.bytesWritten < deltaBytes) throw wrong(`${deltaBytes - decoder.bytesWritten} bytes follow its end`);
  if (bytes < size) throw wrong(`it makes ${bytes} of the ${size} bytes of the image`);
}

/** The smallest window that holds the whole image: a frame that asks for more memory is refused (RFC 8878 §3.1.1.1.2). */
function windowLogOf(size: number): number {
  const LOG_MIN = 10;
  return Math.max(LOG_MIN, Math.ceil(Math.log2(size)));
}

function isDecoders(error: unknown): error is Error {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === "string" && code.startsWith("ZSTD_error_");
}

function wrong(message: string, cause?: unknown): DepotError {
  return new DepotError("ERR_DEPOT_DELTA", `the delta cannot be used: ${message}`, { cause });
}
