/** Everything that happens in a world, a line each. Two runs of one seed have the same lines: their digest is how that is known. */

const FLUSH_CHARACTERS = 65_536;

export class EventLog {
  readonly #startMs: number;
  readonly #clock: { nowMs(): number };
  readonly #hasher = new Bun.CryptoHasher("sha256");
  readonly #onLine: ((line: string) => void) | undefined;
  #pending = "";
  lines = 0;

  constructor(clock: { nowMs(): number; readonly startMs: number }, onLine?: (line: string) => void) {
    this.#clock = clock;
    this.#startMs = clock.startMs;
    this.#onLine = onLine;
  }

  /** `who` is a device, a gateway, the manager or a person. */
  note(what: string, who: number | string, detail = ""): void {
    const line = `${this.#clock.nowMs() - this.#startMs} ${who} ${what} ${detail}\n`;
    this.lines += 1;
    this.#pending += line;
    if (this.#pending.length > FLUSH_CHARACTERS) this.#flush();
    this.#onLine?.(line);
  }

  /** SHA-256 of all lines so far, lower-case hex. */
  digest(): string {
    this.#flush();
    return this.#hasher.copy().digest("hex");
  }

  #flush(): void {
    this.#hasher.update(this.#pending);
    this.#pending = "";
  }
}
