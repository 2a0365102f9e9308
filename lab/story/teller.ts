/**
 * How the story is told: chapters and lines for people, and a progress line that is redrawn on a terminal and, when piped,
 * printed at most once a second and only when it changed. Under --json everything goes to standard error, so that standard
 * output holds one object.
 */
const REDRAW_MS = 200;
const PIPED_MS = 1_000;

export class Teller {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #drawn = false;
  #lastMs = 0;
  #lastText = "";
  #chapter = 0;

  constructor(json: boolean) {
    this.#stream = json ? process.stderr : process.stdout;
  }

  get columns(): number {
    return Math.min(this.#stream.columns ?? 100, 120);
  }

  chapter(title: string): void {
    this.#chapter += 1;
    const seconds = ((performance.now() - this.#startedMs) / 1_000).toFixed(1);
    this.line(`\n${this.#chapter}. ${title}`.padEnd(this.columns - 8) + `${seconds} s`.padStart(8));
  }

  line(text = ""): void {
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  /** Tells how far it is, at most as often as a reader can follow. */
  progress(text: string, isLast = false): void {
    const nowMs = performance.now();
    if (!isLast && nowMs - this.#lastMs < (this.#stream.isTTY ? REDRAW_MS : PIPED_MS)) return;
    if (text === this.#lastText) return;
    this.#lastMs = nowMs;
    this.#lastText = text;
    this.#clear();
    if (this.#stream.isTTY && !isLast) {
      this.#stream.write(`   ${text.slice(0, this.columns - 4)}`);
      this.#drawn = true;
    } else {
      this.#stream.write(`   ${text}\n`);
    }
  }

  #clear(): void {
    if (this.#drawn) this.#stream.write("\r\u001b[2K");
    this.#drawn = false;
  }
}
