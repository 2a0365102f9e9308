/** A process of a bench that obeys lines on standard input and answers in JSON lines on standard output. */
import type { Subprocess } from "bun";

export type Said = Readonly<Record<string, unknown>>;

export class Child {
  readonly pid: number;
  readonly #process: Subprocess<"pipe", "pipe", "inherit">;
  readonly #said: Said[] = [];
  #heard: () => void = () => {};
  #hasEnded = false;

  constructor(command: readonly string[]) {
    this.#process = Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    this.pid = this.#process.pid;
    void this.#listen();
  }

  /** The next line that fulfils the condition; those before it are dropped. Rejects when the process ends before. */
  async hear(isWanted: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      for (let next = this.#said.shift(); next !== undefined; next = this.#said.shift()) if (isWanted(next)) return next;
      if (this.#hasEnded) throw new Error(`a process of the bench ended (${this.#process.exitCode ?? this.#process.signalCode})`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  hearEvent(event: string): Promise<Said> {
    return this.hear((said) => said.event === event);
  }

  tell(line: string): void {
    void this.#process.stdin.write(`${line}\n`);
    void this.#process.stdin.flush();
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#process.kill(signal);
    await this.#process.exited;
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.#process.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith("{")) this.#said.push(JSON.parse(line) as Said);
      this.#heard();
    }
    this.#hasEnded = true;
    this.#heard();
  }
}
