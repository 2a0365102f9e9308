/** `edict verify`: how many are still exposed, by asking as few as the wished bounds need, at a pace that disturbs nobody. */
import type { Command } from "commander";
import { afterQuiet, jittered, parseQuietHours, type QuietHours } from "../../after-action/verification/pace.ts";
import { countText, devicesText, timeText } from "../../after-action/wording.ts";
import type { ApiClient } from "../../server/client.ts";
import { QUERY_RATE_PER_SECOND } from "../../server/limits.ts";
import type { VerificationView } from "../../server/verification.ts";
import { act } from "../act.ts";
import { type Context, clientFor } from "../context.ts";
import { parseDurationMs } from "../durations.ts";
import { CliError } from "../errors.ts";
import type { Output } from "../output.ts";

interface VerifyOptions {
  readonly as: string;
  readonly within: string;
  readonly confidence: string;
  readonly full?: boolean;
  readonly rate: string;
  readonly wait: string;
  readonly quiet?: string;
  readonly dryRun?: boolean;
  readonly anew?: boolean;
}

interface Pace {
  readonly ratePerSecond: number;
  readonly waitMs: number;
  readonly quiet: QuietHours | undefined;
}

export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .description("ask a sample of the uncertain devices until the share still exposed is known well enough")
    .argument("<id>")
    .option("--within <percent>", "half the width of the bounds, of all that were targeted", "1%")
    .option("--confidence <percent>", "of the bounds, all looks together", "95%")
    .option("--full", "ask every uncertain device")
    .option("--rate <number>", "most devices asked a second", String(QUERY_RATE_PER_SECOND))
    .option("--wait <duration>", "how long to wait for answers before each look", "10s")
    .option("--quiet <hours>", "ask nobody then, e.g. 22:00-07:00+01:00")
    .option("--dry-run", "only show whom it would ask")
    .option("--anew", "begin another one, although one with the same wish was cut off")
    .option("--as <person>", "who asks", "author");
  act<VerifyOptions>(command, async (context, options, id = "") => {
    const pace = paceOf(options);
    const client = clientFor(context, options.as);
    const wish = { within: parsePercent(options.within), confidence: parsePercent(options.confidence), isFull: options.full === true };
    const view = await client.startVerification(id, { ...wish, dryRun: options.dryRun === true, anew: options.anew === true });
    for (const line of planLines(view, pace)) context.output.line(line);
    const last = options.dryRun === true ? view : await askUntilEnough(context, client, id, view, pace);
    if (options.dryRun !== true) context.output.line(conclusion(last));
    context.output.result(last);
  });
}

async function askUntilEnough({ output }: Context, client: ApiClient, id: string, start: VerificationView, pace: Pace) {
  let view = start;
  while (view.next > 0 && (view.plan.wish.isFull || !view.estimate.isEnough)) {
    await waitForDay(output, pace);
    const asked = view.next;
    view = await client.askNext(id, pace.ratePerSecond);
    await Bun.sleep(jittered((1_000 * asked) / pace.ratePerSecond + pace.waitMs, Math.random()));
    view = await client.verification(id);
    output.line(lookLine(view));
  }
  return view;
}

async function waitForDay(output: Output, { quiet }: Pace): Promise<void> {
  const startMs = afterQuiet(Date.now(), quiet);
  if (startMs <= Date.now()) return;
  output.line(`Quiet hours: going on at ${timeText(startMs)}.`);
  await Bun.sleep(startMs - Date.now());
}

function planLines({ plan, begunMs, connected, estimate }: VerificationView, { ratePerSecond }: Pace): string[] {
  const { frame, wish, looks } = plan;
  const most = looks.at(-1) ?? 0;
  const known = `${devicesText(frame.targeted)} targeted: ${countText(frame.certainlyExposed)} certainly exposed`;
  const wished = wish.isFull
    ? "To ask them all"
    : `To know the exposed share within ${percent(wish.within)} at ${percent(wish.confidence)}`;
  return [
    ...(estimate.asked > 0
      ? [`Going on with what was begun at ${timeText(begunMs)}: ${countText(estimate.asked)} are asked; --anew begins another.`]
      : []),
    `${known}, ${countText(frame.uncertain)} uncertain, of whom ${countText(connected)} have a channel now.`,
    most === 0
      ? "Nobody needs to be asked: the bounds are as narrow as wished."
      : `${wished}: at most ${devicesText(most)}, ${Math.ceil(most / ratePerSecond)} s at ${ratePerSecond} a second; looked at after ${looks.map(countText).join(", ")}.`,
  ];
}

function lookLine({ estimate }: VerificationView): string {
  const { asked, answered, exposed, share, bounds } = estimate;
  const answers = `asked ${countText(asked)}, ${countText(answered)} answered, ${countText(exposed)} of them exposed`;
  return `${answers}: ${percent(share)} of all exposed (${percent(bounds.low)} to ${percent(bounds.high)})`;
}

function conclusion({ plan, estimate }: VerificationView): string {
  const { bounds, worstBounds, isEnough, asked, answered } = estimate;
  const enough = isEnough
    ? `Known within ${percent(plan.wish.within)}`
    : `Not known within ${percent(plan.wish.within)}: too few answered; ask again when more have a channel`;
  const silent = `${devicesText(asked - answered)} did not answer: if they are all exposed, or none, from ${percent(worstBounds.low)} to ${percent(worstBounds.high)}`;
  return `${enough}. Exposed: ${percent(bounds.low)} to ${percent(bounds.high)} if silence is chance; ${silent}.`;
}

function paceOf({ rate, wait, quiet }: VerifyOptions): Pace {
  const ratePerSecond = Number(rate);
  if (!(ratePerSecond > 0)) throw new CliError("ERR_CLI_USAGE", `"${rate}" is no rate`);
  const hours = quiet === undefined ? undefined : parseQuietHours(quiet);
  if (quiet !== undefined && hours === undefined) {
    throw new CliError("ERR_CLI_USAGE", `"${quiet}" are no hours; write for example 22:00-07:00 (UTC) or 22:00-07:00+01:00`);
  }
  return { ratePerSecond, waitMs: parseDurationMs(wait), quiet: hours };
}

/** "1%", "0.5 %" -> 0.01, 0.005 */
function parsePercent(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?) ?%$/.exec(text) ?? [];
  if (number === undefined) throw new CliError("ERR_CLI_USAGE", `"${text}" is no share; write for example 1%`);
  return Number(number) / 100;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
