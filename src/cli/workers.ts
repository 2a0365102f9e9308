/**
 * The worker processes of `edict gateway`: each holds its own channels on the one port that they share. A worker that dies takes
 * only those with it, and is started again. This process holds none: when it ends, however it does, its workers end too.
 */
import { WORKER_RETRY_MS } from "../channel/limits.ts";
import { CliError } from "./errors.ts";

interface WorkersOptions {
  readonly directory: string;
  readonly count: number;
  readonly logLevel: string;
}

/** What a worker says on standard output when it listens. */
export interface Listening {
  readonly port: number;
}

export class Workers {
  readonly #options: WorkersOptions;
  readonly #running = new Map<number, Bun.Subprocess<"pipe", "pipe", "inherit">>();
  #port: number | undefined;
  #isStopping = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  get pids(): readonly number[] {
    return [...this.#running.values()].map(({ pid }) => pid);
  }

  /** Resolves with the port when all of them listen; the first finds out which port it is. Throws ERR_CLI_WORKER. */
  async start(): Promise<number> {
    const [first = 1, ...others] = Array.from({ length: this.#options.count }, (_, index) => index + 1);
    try {
      const port = await this.#spawn(first);
      this.#port = port;
      await Promise.all(others.map((part) => this.#spawn(part)));
      return port;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Each says goodbye to its channels. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const running = [...this.#running.values()];
    for (const worker of running) worker.kill("SIGTERM");
    await Promise.all(running.map(({ exited }) => exited));
  }

  async #spawn(part: number): Promise<number> {
    const { directory, count, logLevel } = this.#options;
    const port = this.#port === undefined ? [] : ["--port", String(this.#port)];
    const command = ["gateway-worker", "--part", String(part), "--parts", String(count), "--log", logLevel, ...port];
    const worker = Bun.spawn([process.execPath, Bun.main, "--state", directory, ...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#running.set(part, worker);
    void worker.exited.then(() => this.#ended(part));
    const { value } = await worker.stdout.getReader().read();
    if (value === undefined) throw new CliError("ERR_CLI_WORKER", `worker ${part} of the gateway ended before it listened`);
    return (JSON.parse(new TextDecoder().decode(value)) as Listening).port;
  }

  #ended(part: number): void {
    this.#running.delete(part);
    if (this.#isStopping) return;
    console.error(`edict: worker ${part} of the gateway has ended; it is started again`);
    // What it cannot say now it says when it listens; when it never does, it ends again and this is repeated.
    setTimeout(() => void (this.#isStopping || this.#spawn(part).catch(() => undefined)), WORKER_RETRY_MS);
  }
}
