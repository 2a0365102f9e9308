/**
 * `npm start`: the use case "No Response Software Update" from end to end, with real parts. It makes a world, runs
 * `edict serve` and the webcams as processes of their own, does what operators do by hand, and checks the outcome.
 * Exit status 0 only if every targeted device got the right verdict and nothing came up in answer to `none`. With `--bad-patch` it tells of a
 * release that kills devices: 0 only if the campaign halted by itself in its canary.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BadPatchStory } from "./bad-patch.ts";
import { parseArguments, type StoryOptions } from "./arguments.ts";
import { Story } from "./story.ts";
import { Teller } from "./teller.ts";

const options = parseArguments(process.argv.slice(2));
const teller = new Teller(options.json);
const directory = stateDirectory(options);
const story = new (options.badPatch ? BadPatchStory : Story)(options, directory, teller);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void finish(130));

try {
  const outcome = await story.tell();
  if (options.json) console.log(JSON.stringify(outcome, null, 2));
  if (options.stay) await story.stay();
  await finish(outcome.ok ? 0 : 1);
} catch (error) {
  teller.line(`\nThe story broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  teller.line(`The world is left in ${directory}.`);
  await story.end();
  process.exit(70);
}

async function finish(status: number): Promise<never> {
  await story.end();
  // A kept world can be looked at with `edict --state`; a temporary one leaves only its report.
  if (options.state === undefined && !options.stay) rmSync(join(directory, "devices"), { recursive: true, force: true });
  process.exit(status);
}

function stateDirectory({ state }: StoryOptions): string {
  if (state === undefined) return mkdtempSync(join(tmpdir(), "edict-story-"));
  mkdirSync(resolve(state), { recursive: true });
  return resolve(state);
}
