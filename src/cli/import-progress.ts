/** How far an import is, for whoever watches: one line that is redrawn on a terminal, one every few seconds in a log. */
import type { ImportJob } from "../fleet/import/import-job.ts";

const PIPED_MS = 5_000;
const COUNT = new Intl.NumberFormat("en");

export class ImportProgress {
  readonly #stream: NodeJS.WriteStream;
  #atMs = 0;
  #drawn = false;
  #begin: { readonly state: string; readonly atMs: number; readonly offset: number; readonly lines: number } | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  sending(bytes: number, total: number, nowMs: number): void {
    this.#draw(`sending ${percent(bytes, total)}`, nowMs);
  }

  working({ state, position, bytes }: ImportJob, nowMs: number): void {
    // A rate of what has been seen: after a restart an import is not at its beginning.
    if (this.#begin?.state !== state) this.#begin = { state, atMs: nowMs, ...position };
    const seconds = (nowMs - this.#begin.atMs) / 1_000;
    const [done, lines] = [position.offset - this.#begin.offset, position.lines - this.#begin.lines];
    const pace =
      done > 0 && seconds > 0
        ? `, ${COUNT.format(Math.round(lines / seconds))} lines/s, ${Math.ceil(((bytes - position.offset) / done) * seconds)} s left`
        : "";
    this.#draw(`${state} ${COUNT.format(position.lines)} lines, ${percent(position.offset, bytes)}${pace}`, nowMs);
  }

  /** Nothing is left on a terminal. */
  end(): void {
    if (this.#drawn) this.#stream.write("\r\u001b[2K");
    this.#drawn = false;
  }

  #draw(text: string, nowMs: number): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[2K${text}`);
      this.#drawn = true;
    } else if (nowMs - this.#atMs >= PIPED_MS) {
      this.#stream.write(`${text}\n`);
      this.#atMs = nowMs;
    }
  }
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.floor((part / whole) * 100)} %`;
}
