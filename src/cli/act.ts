/** Binds a handler to a commander command: builds the context, prints errors the same way everywhere, sets the exit status. */
import type { Command } from "commander";
import { type Context, makeContext } from "./context.ts";
import { makeOutput, printError } from "./output.ts";

interface GlobalOptions {
  readonly state?: string;
  readonly json?: boolean;
  readonly passphraseFile?: string;
}

/** `handler(context, options, ...operands)`. Its promise is awaited; what it throws is printed with what to do next. */
export function act<Options>(
  command: Command,
  handler: (context: Context, options: Options, ...operands: string[]) => void | Promise<void>,
): Command {
  return command.action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<GlobalOptions & Options>();
    const operands = given.slice(0, command.registeredArguments.length).flat() as string[];
    const isJson = options.json === true;
    try {
      await handler(makeContext(options.state, makeOutput(isJson), options.passphraseFile), options, ...operands);
    } catch (error) {
      process.exitCode = printError(error, isJson);
    }
  });
}
