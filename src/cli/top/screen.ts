/** A terminal that is redrawn as a whole, on its second page: whatever ends the program, the first is left as it was. */
import type { Size } from "./frame.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const REST_OF_LINE = "\u001b[K";
const REST_OF_PAGE = "\u001b[J";
/** Typed keys: Ctrl-C comes as a byte while keys are read one by one. */
const QUITS = new Set(["q", "Q", "\u0003"]);

export class Screen {
  readonly #quit = Promise.withResolvers<void>();
  #render: (size: Size) => readonly string[] = () => [];
  readonly #redraw = () => this.#paint();
  readonly #hear = (keys: Buffer) => {
    if ([...keys.toString("latin1")].some((key) => QUITS.has(key))) this.#quit.resolve();
  };
  readonly #end = () => this.#quit.resolve();

  /** Somebody wants to leave. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  open(): void {
    process.stdout.write(ENTER);
    if (process.stdin.isTTY) process.stdin.setRawMode(true);
    process.stdin.on("data", this.#hear);
    process.stdout.on("resize", this.#redraw);
    process.once("SIGINT", this.#end);
    process.once("SIGTERM", this.#end);
    process.once("SIGHUP", this.#end);
  }

  /** Rendered again when the terminal is resized. */
  show(render: (size: Size) => readonly string[]): void {
    this.#render = render;
    this.#paint();
  }

  close(): void {
    process.stdout.off("resize", this.#redraw);
    process.stdin.off("data", this.#hear);
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(LEAVE);
  }

  /** In one write, so that nothing flickers; what does not fit below is left out. */
  #paint(): void {
    const { columns = 80, rows = 24 } = process.stdout;
    const lines = this.#render({ columns, rows }).slice(0, rows);
    process.stdout.write(HOME + lines.map((line) => line + REST_OF_LINE).join("\n") + REST_OF_PAGE);
  }
}
