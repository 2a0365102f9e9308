/** `edict send`: drafts a campaign from a command and a query, or a whole playbook, shows the dry run, and signs it as its author. */
import type { Command } from "commander";
import type { DraftRequest, PlaybookRequest } from "../../server/api/schemas.ts";
import type { CampaignView, DraftView } from "../../server/api/views.ts";
import { act } from "../act.ts";
import { type Context, clientFor, readText } from "../context.ts";
import { parseDurationMs, parseHours, parseTimeMs } from "../durations.ts";
import { CliError } from "../errors.ts";
import { EXPIRES_DEFAULT, playbookOf } from "../playbook.ts";
import { renderDryRun, renderOverlaps, renderPolicy } from "../render-dry-run.ts";
import { signCampaigns, tryCampaigns } from "../sign-campaigns.ts";
import { checkDrafted } from "../signing.ts";

interface SendOptions {
  readonly as: string;
  readonly query?: string;
  readonly notBefore?: string;
  readonly expires: string;
  readonly spread?: string;
  readonly rate?: string;
  readonly canary?: string;
  readonly soak?: string;
  readonly settle?: string;
  readonly lostAfter?: string;
  readonly control?: string;
  readonly maxPerRegion?: string;
  readonly maxPerHardware?: string;
  readonly emergency?: boolean;
  readonly after?: string;
  readonly newcomers?: string;
  readonly hours?: string;
  readonly hoursZone: string;
  readonly priority?: string;
  readonly optOutOverride?: string;
  readonly override: string[];
  readonly dryRun?: boolean;
}

export function addSend(program: Command): void {
  const command = program
    .command("send")
    .description("draft a campaign, show what it would do, and sign it as its author")
    .argument("<file>", "an OpenC2 1.0 command to update or to stop a process (see `edict import`), or a playbook of several")
    .option(
      "--query <rsql>",
      "narrow the cohort, e.g. 'region=in=(east,west)'; a stop has to have one, e.g. 'vendor==famousMaker;name==famousModel'",
    )
    .option("--not-before <time>", "nothing is sent before, e.g. 2026-12-01T02:00:00Z (default: as soon as it is approved)")
    .option("--expires <duration>", "devices refuse the command after this long, from now or from --not-before", EXPIRES_DEFAULT)
    .option("--spread <duration>", "devices start over this long (default: solved from the capacity of depots and access networks)")
    .option("--rate <number>", "most commands a second, all gateways together")
    .option("--canary <count>", "devices in the first wave, which answer")
    .option("--soak <duration>", "wait between waves")
    .option("--settle <duration>", "longest wait for a wave to settle")
    .option("--lost-after <duration>", "a device that has been without a channel for longer counts as lost")
    .option("--control <count>", "devices held back to the end, to compare the others with (default: 2 %, at most 3000)")
    .option("--max-per-region <count>", "devices of one region in one wave")
    .option("--max-per-hardware <count>", "devices of one hardware revision in one wave")
    .option("--emergency", "short times: no soak, half of a wave back is enough; same ladder, halt rules and signatures")
    .option("--after <id>", "begin when that campaign is done, of whatever software it is")
    .option("--newcomers <count>", "devices that appear later and match may join until it ends, so many at the most (default: none)")
    .option("--hours <from-to>", "send only in these hours of a device's own day, e.g. 01:00-05:00; a wave then takes up to a day")
    .option("--hours-zone <name>", "time zone of devices whose own is not known, e.g. Europe/Amsterdam", "UTC")
    .option("--priority <0..9>", "where campaigns overlap on devices the higher goes first (default: 0, an emergency 5)")
    .option("--opt-out-override <basis>", "legal basis for updating devices that opted out; it is recorded")
    .option("--override <code=reason...>", "go on against a finding of the policy that allows it; the reason is recorded", [])
    .option("--dry-run", "only show what would happen")
    .option("--as <person>", "the author", "author");
  act<SendOptions>(command, async (context, options, file = "") => {
    const client = clientFor(context, options.as);
    const written = parseFile(readText(file));
    const playbook = playbookOf(written);
    if (playbook === undefined) {
      const request = draftRequest(written as DraftRequest["command"], options);
      const draft = await client.draft(request);
      tell(context, draft);
      const [signed] = await sign(context, [request], [draft], options.as);
      const { campaign: _campaign, ...said } = draft;
      context.output.result(signed === undefined ? said : { id: signed.id, state: signed.state, ...said });
      return;
    }
    refuseOptions(command);
    const { steps } = await client.draftPlaybook({ ...playbook, ...(options.dryRun === true && { dryRun: true }) });
    for (const [index, step] of steps.entries()) {
      context.output.line(`${`Step ${index + 1}`.padEnd(14)}${playbook.steps[index]?.command.command_id}`);
      tell(context, step);
    }
    const signed = await sign(context, playbook.steps, steps, options.as);
    const said = steps.map(({ campaign: _campaign, ...step }, index) => ({ id: signed[index]?.id, state: signed[index]?.state, ...step }));
    context.output.result({ playbook: playbook.playbook, steps: said });
  });
}

function tell({ output }: Context, { dryRun, overlaps, policy }: DraftView): void {
  for (const line of [...renderDryRun(dryRun), ...renderOverlaps(overlaps), ...renderPolicy(policy)]) output.line(line);
}

/** What was asked for, and what the server made of it. Of a dry run there is nothing to sign. */
async function sign(
  context: Context,
  requests: PlaybookRequest["steps"],
  drafts: readonly DraftView[],
  person: string,
): Promise<readonly CampaignView[]> {
  const campaigns = drafts.flatMap(({ campaign }) => campaign ?? []);
  const [first] = campaigns;
  if (first === undefined) return [];
  for (const [index, request] of requests.entries()) checkDrafted(campaigns[index], request);
  await tryCampaigns(context, campaigns);
  const signed = await signCampaigns(context, clientFor(context, person), campaigns, person);
  const name = first.playbook ?? first.id;
  context.output.line(`Drafted and signed by ${person}: ${name}. Nothing is sent until somebody else signs.`);
  context.output.line(`Next: edict approve ${name}`);
  return signed;
}

/** Each step says its own: what is said here would be for none of them. */
function refuseOptions(command: Command): void {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const other = given.find((option) => !["dryRun", "as"].includes(option.attributeName()));
  if (other !== undefined) throw new CliError("ERR_CLI_USAGE", `${other.long ?? ""} is said in the steps of a playbook, not beside it`);
}

function draftRequest(command: DraftRequest["command"], options: SendOptions): DraftRequest {
  return {
    command,
    expiresInMs: parseDurationMs(options.expires),
    ...(options.notBefore !== undefined && { notBeforeMs: parseTimeMs(options.notBefore) }),
    ...(options.query !== undefined && { query: options.query }),
    ...(options.spread !== undefined && { spreadMs: parseDurationMs(options.spread) }),
    ...(options.rate !== undefined && { ratePerSecond: Number(options.rate) }),
    ...(options.after !== undefined && { after: options.after }),
    ...(options.newcomers !== undefined && { newcomersMax: Number(options.newcomers) }),
    ...(options.hours !== undefined && { hours: { ...parseHours(options.hours), zone: options.hoursZone } }),
    ...(options.priority !== undefined && { priority: Number(options.priority) }),
    ...(options.optOutOverride !== undefined && { optOutOverride: options.optOutOverride }),
    ...(options.override.length > 0 && { overrides: Object.fromEntries(options.override.map(parseOverride)) }),
    ...(options.dryRun === true && { dryRun: true }),
    ladder: {
      ...(options.emergency === true && { lane: "emergency" as const }),
      ...(options.lostAfter !== undefined && { lostAfterMs: parseDurationMs(options.lostAfter) }),
      ...(options.control !== undefined && { controlCount: Number(options.control) }),
      ...(options.maxPerRegion !== undefined && { regionCountMax: Number(options.maxPerRegion) }),
      ...(options.maxPerHardware !== undefined && { hardwareCountMax: Number(options.maxPerHardware) }),
      ...(options.canary !== undefined && { canaryCount: Number(options.canary) }),
      ...(options.soak !== undefined && { soakMs: parseDurationMs(options.soak) }),
      ...(options.settle !== undefined && { settleMaxMs: parseDurationMs(options.settle) }),
    },
  };
}

function parseOverride(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new CliError("ERR_CLI_USAGE", `"${text}" is no override; it looks like POLICY_MODEL_SHARE="four devices, all in our lab"`);
}

/** The server validates what is in it with the schema of the API; here it only has to be JSON. */
function parseFile(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(
      "ERR_CLI_FILE",
      `the file is not JSON (${message}); a text from before OpenC2 1.0 goes through \`edict import\` first`,
      { cause },
    );
  }
}
