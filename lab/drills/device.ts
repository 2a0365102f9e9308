/** One device of a drill: `edict agent` in a process of its own, and what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentEvent } from "../../src/agent/index.ts";
import type { DeviceState } from "../../src/agent/state.ts";
import { endOf } from "./end-of.ts";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");

export class DrillDevice {
  readonly name: string;
  readonly directory: string;
  readonly #waiting = new Set<() => void>();
  #events: AgentEvent[] = [];
  #child: Bun.Subprocess<"ignore", "pipe", "ignore"> | undefined;

  constructor(name: string, directory: string) {
    this.name = name;
    this.directory = directory;
  }

  /** Forgets what it said before. */
  switchOn(): void {
    this.forget();
    this.#child = Bun.spawn([process.execPath, EDICT, "--json", "agent", this.directory], { stdio: ["ignore", "pipe", "ignore"] });
    void this.#listen(this.#child.stdout);
  }

  async switchOff(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#child?.kill(signal);
    if (this.#child !== undefined) await endOf(this.#child, `device ${this.name}`);
  }

  /** What it said until now counts no more. */
  forget(): void {
    this.#events = [];
  }

  /** What it remembers on its disk. */
  state(): DeviceState {
    return JSON.parse(readFileSync(join(this.directory, "state.json"), "utf8")) as DeviceState;
  }

  /** Whether it says so within the time. */
  async says(fits: (event: AgentEvent) => boolean, withinMs = 60_000): Promise<boolean> {
    const heard = Promise.withResolvers<boolean>();
    const look = () => {
      if (this.#events.some(fits)) heard.resolve(true);
    };
    const timer = setTimeout(() => heard.resolve(false), withinMs);
    this.#waiting.add(look);
    look();
    const answer = await heard.promise;
    clearTimeout(timer);
    this.#waiting.delete(look);
    return answer;
  }

  hasSaid(fits: (event: AgentEvent) => boolean): boolean {
    return this.#events.some(fits);
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#events.push(JSON.parse(line) as AgentEvent);
      for (const look of this.#waiting) look();
    }
  }
}
