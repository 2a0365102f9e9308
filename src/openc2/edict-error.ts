/**
 * The one shape of every error that Edict throws on purpose. Each room has its own subclass with its own union of
 * stable codes and a table of facts about them; docs/errors.md lists the same codes, and a test compares the two.
 * It lives in the first room because every other room may import from here.
 */

/** Who has to act on an error. */
export type Actor = "producer" | "operator" | "device" | "us";

/** What a code means to whoever meets it. `status` is the OpenC2 status (LS 1.0 §3.3.2.1) it maps to. */
export interface ErrorFacts {
  readonly actor: Actor;
  /** Whether the same request can succeed later without being changed. */
  readonly retry: boolean;
  readonly status: 400 | 401 | 403 | 404 | 500 | 501 | 503;
  /** What to do next, one sentence. */
  readonly help: string;
}

export type ErrorTable<Code extends string> = Readonly<Record<Code, ErrorFacts>>;

export abstract class EdictError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly facts: ErrorFacts;

  constructor(code: Code, facts: ErrorFacts, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.facts = facts;
  }
}
