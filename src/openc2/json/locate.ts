/** Where in a JSON text the value at a path stands, so that an error with a path can be shown at its line. Pure. */
import type { Place } from "../errors.ts";
import { strangerAt } from "../shape.ts";
import { placeOf } from "./place.ts";
import { Scanner } from "./scanner.ts";

const CODE = { comma: 0x2c, openArray: 0x5b, closeArray: 0x5d, openObject: 0x7b, closeObject: 0x7d } as const;

/** For a text that the strict reader has read. A path that is not there gives the place of what should hold it. */
export function locate(text: string, path: string): Place {
  const offsets = new Map<string, number>();
  new Walker(text, offsets).value("$");
  let known = path;
  while (!offsets.has(known) && known !== "$") known = known.slice(0, Math.max(1, known.search(/(?:\.[^.[\]]*|\[[^[\]]*\])$/)));
  return placeOf(text, offsets.get(known) ?? 0);
}

/** Notes where each value begins; a member begins with its name. */
class Walker {
  readonly #scan: Scanner;
  readonly #offsets: Map<string, number>;

  constructor(text: string, offsets: Map<string, number>) {
    this.#scan = new Scanner(text);
    this.#offsets = offsets;
  }

  value(path: string): void {
    this.#scan.skipSpace();
    if (!this.#offsets.has(path)) this.#offsets.set(path, this.#scan.offset);
    if (this.#scan.take(CODE.openObject)) this.#parts(CODE.closeObject, () => this.#member(path));
    else if (this.#scan.take(CODE.openArray)) this.#parts(CODE.closeArray, (index) => this.value(`${path}[${index}]`));
    else if (this.#scan.peek() === 0x22) this.#scan.string();
    else this.#scan.literalOrNumber();
  }

  #member(path: string): void {
    const offset = this.#scan.offset;
    const member = strangerAt(path, this.#scan.string());
    this.#offsets.set(member, offset);
    this.#scan.skipSpace();
    // The colon.
    this.#scan.offset += 1;
    this.value(member);
  }

  #parts(close: number, part: (index: number) => void): void {
    for (let index = 0; ; index += 1) {
      this.#scan.skipSpace();
      if (this.#scan.take(close)) return;
      if (this.#scan.take(CODE.comma)) this.#scan.skipSpace();
      part(index);
      this.#scan.skipSpace();
    }
  }
}
