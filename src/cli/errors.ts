/** What the command line itself refuses. Everything else that it prints comes from the room that threw it. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type CliErrorCode =
  | "ERR_CLI_USAGE"
  | "ERR_CLI_NOT_RUNNING"
  | "ERR_CLI_KEY"
  | "ERR_CLI_PASSPHRASE"
  | "ERR_CLI_TOKEN"
  | "ERR_CLI_FILE"
  | "ERR_CLI_LISTEN"
  | "ERR_CLI_SIGN_LINT"
  | "ERR_CLI_WORKER"
  | "ERR_CLI_LEDGER";

export const CLI_ERRORS: ErrorTable<CliErrorCode> = {
  ERR_CLI_USAGE: { actor: "operator", retry: false, status: 400, help: "See `edict --help` and `edict COMMAND --help`." },
  ERR_CLI_NOT_RUNNING: { actor: "operator", retry: true, status: 503, help: "Start the server in another terminal: `edict serve`." },
  ERR_CLI_KEY: {
    actor: "operator",
    retry: false,
    status: 401,
    help: "Name a person whose key lies under keys/ in the state directory; see `edict keys list`.",
  },
  ERR_CLI_PASSPHRASE: {
    actor: "operator",
    retry: true,
    status: 401,
    help: "Run it at a terminal, or name a file with --passphrase-file (docs/operate/people.md).",
  },
  ERR_CLI_TOKEN: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "Check that the token is plugged in, its PIN, and the key's name with `pkcs11-tool --list-objects`.",
  },
  ERR_CLI_FILE: { actor: "operator", retry: false, status: 400, help: "Check the file's path and rights." },
  ERR_CLI_LISTEN: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "Choose a port that is free, and a folder that no other consumer uses.",
  },
  ERR_CLI_SIGN_LINT: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "Do not sign: what the server wants signed is not what it says. Raise an alarm.",
  },
  ERR_CLI_WORKER: { actor: "operator", retry: true, status: 503, help: "Look at what the worker printed on standard error." },
  ERR_CLI_LEDGER: { actor: "operator", retry: false, status: 403, help: "Somebody changed the ledger. Keep the file and raise an alarm." },
};

export class CliError extends EdictError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, CLI_ERRORS[code], message, options);
  }
}

/** Exit statuses that scripts can use (docs/errors.md). */
export const EXIT = { ok: 0, refused: 1, usage: 2, notRunning: 3, notFound: 4, alarm: 5, fault: 70 } as const;

export function exitStatus(error: unknown): number {
  if (!(error instanceof EdictError)) return EXIT.fault;
  switch (error.code) {
    case "ERR_CLI_USAGE":
      return EXIT.usage;
    case "ERR_CLI_NOT_RUNNING":
      return EXIT.notRunning;
    case "ERR_SERVER_NOT_FOUND":
      return EXIT.notFound;
    case "ERR_CLI_SIGN_LINT":
    case "ERR_CLI_LEDGER":
    case "ERR_CAMPAIGN_CHECKPOINT":
      return EXIT.alarm;
    default:
      return EXIT.refused;
  }
}
