/** The command line of what `npm run` has beside the product: `--help` says every option, and a wrong one ends it with one line and status 2. */
import { Command, InvalidArgumentError } from "commander";

type Read<T> = (text: string) => T;

export function program(script: string, description: string): Command {
  return new Command(`npm run ${script} --`)
    .description(description)
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll("\n", " ")}\n`) })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

export function whole(least = 1, most = Number.MAX_SAFE_INTEGER): Read<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const number = numberOf(text);
    if (!Number.isInteger(number) || number < least || number > most) throw new InvalidArgumentError(`It is no whole number ${range}.`);
    return number;
  };
}

/** With a fraction or without. */
export function positive(text: string): number {
  const number = numberOf(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("It is no number above 0.");
  return number;
}

/** Several, with commas between. */
export function listOf<T>(read: Read<T>): Read<readonly T[]> {
  return (text) => text.split(",").map(read);
}

export function oneOf<Name extends string>(names: readonly Name[]): Read<Name> {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`There are ${names.join(", ")}.`);
    return found;
  };
}

/** Number("") is 0, and nothing was said. */
function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
