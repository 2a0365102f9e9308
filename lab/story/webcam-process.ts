/** The story's end of the process that holds the webcams. */
import { join } from "node:path";
import type { FromWebcams, ToWebcams } from "../webcams/protocol.ts";

export class WebcamProcess {
  readonly #child: ReturnType<typeof Bun.spawn>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #waiting: { of: ToWebcams["say"]; resolve: () => void }[] = [];
  /** What webcams did of themselves, by id: faults that fired. */
  readonly happened = new Map<string, string[]>();

  constructor() {
    this.#child = Bun.spawn([process.execPath, join(import.meta.dir, "../webcams/main.ts")], {
      stdio: ["ignore", 2, 2],
      ipc: (message: FromWebcams) => this.#hear(message),
    });
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when it is done. */
  tell(message: ToWebcams): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ of: message.say, resolve });
    this.#child.send(message);
    return promise;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.send({ say: "end" } satisfies ToWebcams);
    const patience = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await this.#child.exited;
    clearTimeout(patience);
  }

  #hear(message: FromWebcams): void {
    if (message.say === "ready") this.#ready.resolve();
    if (message.say === "happened") this.happened.set(message.id, [...(this.happened.get(message.id) ?? []), message.what]);
    if (message.say === "done") {
      const index = this.#waiting.findIndex(({ of }) => of === message.of);
      if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve();
    }
  }
}
