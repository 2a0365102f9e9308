/** A message that was read: frozen, checked, and able to say in which dialect it came and what was put up with in it. Pure. */
import type { Command, Headers, Response, Validated } from "../model.ts";
import type { Dialect } from "./dialect.ts";
import { type Mendable, type Tolerance, tolerancesIn } from "./tolerances.ts";

/** How it came. */
export interface Manner {
  readonly dialect: Dialect;
  readonly mended: readonly Mendable[];
}

abstract class Reading {
  readonly headers: Headers;
  readonly dialect: Dialect;
  readonly #mended: readonly Mendable[];

  constructor(headers: Headers, { dialect, mended }: Manner) {
    this.headers = headers;
    this.dialect = dialect;
    this.#mended = mended;
  }

  protected withMended(found: ReadonlySet<Tolerance>): readonly Tolerance[] {
    return [...this.#mended, ...found];
  }
}

export class ReadRequest extends Reading {
  readonly kind = "request";
  readonly command: Validated<Command>;
  /** Only D3 has one. */
  readonly comment?: string;

  constructor(headers: Headers, command: Validated<Command>, manner: Manner, comment?: string) {
    super(headers, manner);
    this.command = command;
    if (comment !== undefined) this.comment = comment;
    Object.freeze(this);
  }

  /** Found out when asked for, so that reading costs no more for it. */
  get tolerances(): readonly Tolerance[] {
    return this.withMended(tolerancesIn(this));
  }
}

export class ReadResponse extends Reading {
  readonly kind = "response";
  readonly response: Validated<Response>;

  constructor(headers: Headers, response: Validated<Response>, manner: Manner) {
    super(headers, manner);
    this.response = response;
    Object.freeze(this);
  }

  /** Found out when asked for. */
  get tolerances(): readonly Tolerance[] {
    return this.withMended(tolerancesIn(this));
  }
}

export type ReadMessage = ReadRequest | ReadResponse;
