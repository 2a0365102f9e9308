/** Lines as the body of an answer, however many: only as far ahead as the reader takes them, and in turns with everything else. */
import { STREAM_CHUNK_CHARACTERS } from "../limits.ts";

export function streamOf(lines: Iterable<string> | AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const source = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
  return new ReadableStream({
    pull: async (controller) => {
      // One turn of the event loop between chunks: a source that never waits would hold it.
      await Bun.sleep(0);
      let text = "";
      while (text.length < STREAM_CHUNK_CHARACTERS) {
        const next = await source.next();
        if (next.done === true) {
          if (text !== "") controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += next.value;
      }
      controller.enqueue(encoder.encode(text));
    },
    cancel: async () => void (await source.return?.()),
  });
}
