/** `edict gateway top`: the channel as it is now, for somebody who watches a campaign or looks for what is wrong. */
import type { Command } from "commander";
import { timeText } from "../../after-action/wording.ts";
import { EdictError } from "../../openc2/edict-error.ts";
import type { ChannelView } from "../../server/channel-watch.ts";
import { act } from "../act.ts";
import { type Context, clientFor } from "../context.ts";
import { renderFrame, renderLine } from "../top/frame.ts";
import { type Rates, ratesOf } from "../top/rates.ts";
import { Screen } from "../top/screen.ts";

const LOOK_MS = 1_000;

interface Look {
  readonly view: ChannelView;
  readonly rates: Rates | undefined;
}

export function addGatewayTop(gateway: Command): void {
  const command = gateway
    .command("top")
    .description("watch channels, commands, queues and refusals; with --json one JSON object a second, each on its line")
    .option("--once", "look once and end")
    .option("--as <person>", "who asks", "author");
  act<{ as: string; once?: boolean }>(command, async (context, { as, once = false }) => {
    const watcher = new Watcher(context, as);
    const isScreen = process.stdout.isTTY && !context.output.json && !once;
    await (isScreen ? watchOnScreen(watcher) : printLooks(watcher, context.output.json, once));
    // A question that a server which hangs does not answer is not waited for.
    process.exit(0);
  });
}

/** Finds the server anew each time: it may have been started again, on another port. */
class Watcher {
  readonly #context: Context;
  readonly #person: string;
  #before: ChannelView | undefined;

  constructor(context: Context, person: string) {
    this.#context = context;
    this.#person = person;
  }

  async look(): Promise<Look> {
    const view = await clientFor(this.#context, this.#person).gateway();
    const rates = ratesOf(view, this.#before);
    this.#before = view;
    return { view, rates };
  }
}

async function watchOnScreen(watcher: Watcher): Promise<void> {
  // Before anything is drawn, so that a server that is not there is said where it can be read.
  const first = await watcher.look();
  const screen = new Screen();
  screen.open();
  try {
    await Promise.race([screen.quit, keepDrawing(screen, watcher, first)]);
  } finally {
    screen.close();
  }
}

async function keepDrawing(screen: Screen, watcher: Watcher, first: Look): Promise<never> {
  let look = first;
  let trouble: string | undefined;
  for (;;) {
    const { view, rates } = look;
    const title = trouble;
    screen.show((size) => renderFrame(view, rates, size, title));
    await Bun.sleep(LOOK_MS);
    try {
      look = await watcher.look();
      trouble = undefined;
    } catch (error) {
      trouble = `No answer since ${timeText(view.atMs)}: ${wordsOf(error)}`;
    }
  }
}

async function printLooks(watcher: Watcher, isJson: boolean, isOnce: boolean): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(0));
  // Whoever reads has gone: `| head`.
  process.stdout.once("error", () => process.exit(0));
  for (;;) {
    const { view, rates } = await watcher.look();
    process.stdout.write(`${isJson ? JSON.stringify({ ...view, sentPerSecond: rates?.sent ?? null }) : renderLine(view, rates)}\n`);
    if (isOnce) return;
    await Bun.sleep(LOOK_MS);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof EdictError) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
