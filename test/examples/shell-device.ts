/** The shell agent as a process under dash (or whatever sh is), and what it says. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

const AGENT = join(import.meta.dir, "../../examples/shell-agent/agent.sh");
const PARTS = dirname(AGENT);
const NEEDED = ["dash", "curl", "openssl"];

const missing = NEEDED.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" }).status !== 0);
export const isMissing = missing.length > 0;
export const REASON = isMissing ? ` (skipped: ${missing.join(", ")} not installed)` : "";

export class ShellDevice {
  readonly directory: string;
  readonly lines: string[] = [];
  #process: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  #heard: () => void = () => {};

  constructor(directory: string) {
    this.directory = directory;
  }

  start(): void {
    const child = Bun.spawn(["dash", AGENT, this.directory], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#process = child;
    void this.#read(child.stdout);
    void this.#read(child.stderr);
  }

  /** Resolves when it has said this, `count` times in all. */
  async said(part: string, count = 1): Promise<void> {
    while (this.lines.filter((line) => line.includes(part)).length < count) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  /** What its rule says of a frame: "believed", or why not. */
  judge(frame: Uint8Array): Promise<string> {
    return this.rule('cat > "$run/frame"; verify_command "$run/frame" && echo believed', frame);
  }

  /** Runs some of its functions, as it would. */
  async rule(script: string, input: Uint8Array): Promise<string> {
    const whole = `here=$1; . "$here/parts.sh"; setup "$2"; ${script}; rm -rf "$run"`;
    const child = Bun.spawn(["dash", "-c", whole, "rule", PARTS, this.directory], { stdin: input, stdout: "pipe", stderr: "inherit" });
    return (await new Response(child.stdout).text()).trim();
  }

  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process?.exited;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      this.lines.push(...parts);
      this.#heard();
    }
  }
}
