/** What a command prints: text for people, or with --json exactly one JSON document on standard output. */
import { EdictError } from "../openc2/edict-error.ts";
import { exitStatus } from "./errors.ts";

export interface Output {
  readonly json: boolean;
  /** A line for people; nothing under --json. */
  line(text?: string): void;
  /** A line for people beside a document that goes to standard output: it goes to standard error, also under --json. */
  note(text: string): void;
  /** The result of the command: printed only under --json. */
  result(value: unknown): void;
}

export function makeOutput(json: boolean): Output {
  return {
    json,
    line: (text = "") => {
      if (!json) console.log(text);
    },
    note: (text) => console.error(text),
    result: (value) => {
      if (json) console.log(JSON.stringify(value, null, 2));
    },
  };
}

/** Prints what went wrong and what to do next, and returns the exit status. */
export function printError(error: unknown, json: boolean): number {
  if (error instanceof EdictError) {
    const { code, message, facts } = error;
    if (json) console.log(JSON.stringify({ error: { code, message, help: facts.help, actor: facts.actor, retry: facts.retry } }, null, 2));
    else console.error(`edict: ${message}\n  ${code}. ${facts.help}`);
  } else {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (json) console.log(JSON.stringify({ error: { code: "ERR_EDICT_FAULT", message } }, null, 2));
    else console.error(`edict: this is a fault of Edict's, please report it.\n${message}`);
  }
  return exitStatus(error);
}
