/** `edict approve`: a second person reads the whole campaign, or every step of a playbook, and signs it; then it starts by itself. */
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import type { CampaignView } from "../../server/api/views.ts";
import { act } from "../act.ts";
import { formatHours } from "../durations.ts";
import { type Context, clientFor } from "../context.ts";
import { CliError } from "../errors.ts";
import { campaignsNamed, isPlaybook } from "../playbook.ts";
import { renderOverlaps, renderPolicy } from "../render-dry-run.ts";
import { signCampaigns, tryCampaigns } from "../sign-campaigns.ts";

export function addApprove(program: Command): void {
  const command = program
    .command("approve")
    .description("read a drafted campaign, or every step of a playbook, and sign it as the second person; it starts at once")
    .argument("<id>", "a campaign's id or a playbook's name")
    .option("--as <person>", "the approver", "approver")
    .option("--yes", "do not ask");
  act<{ as: string; yes?: boolean }>(command, async (context, options, id = "") => {
    const client = clientFor(context, options.as);
    const all = await campaignsNamed(client, id);
    // Signed before, if a first attempt was cut short.
    const drafts = all.filter(({ state }) => state === "draft");
    const campaigns = drafts.length > 0 ? drafts : all;
    for (const campaign of campaigns) {
      showCampaign(context, campaign);
      const { policy, overlaps } = await client.policy(campaign.id);
      for (const line of [...renderOverlaps(overlaps), ...renderPolicy(policy)]) context.output.line(line);
    }
    await tryCampaigns(context, campaigns);
    if (options.yes !== true) await confirm(`Sign and start ${id} as ${options.as}?`);
    const views = await signCampaigns(context, client, campaigns, options.as);
    for (const view of views) context.output.line(`Signed by ${view.signedBy.join(" and ")}: ${view.id} is ${view.state}.`);
    context.output.line(`Next: edict status ${id} --watch`);
    const signed = views.map((view) => ({ id: view.id, state: view.state, signedBy: view.signedBy }));
    context.output.result(isPlaybook(id, all) ? { playbook: id, steps: signed } : (signed[0] ?? {}));
  });
}

function showCampaign({ output }: Context, campaign: CampaignView): void {
  const { permit } = campaign;
  output.line(
    `Campaign ${campaign.id}, drafted by ${campaign.author}${campaign.orderedBy === undefined ? "" : ` on the order of ${campaign.orderedBy}`}`,
  );
  output.line(JSON.stringify(campaign.command, null, 2));
  output.line(
    `Permit: at most ${permit.count_max} devices, ${permit.rate_max_per_second} commands a second, from ${new Date(permit.not_before).toISOString()} to ${new Date(permit.not_after).toISOString()};`,
  );
  if (campaign.query !== undefined) output.line(`  those of the fleet for whom ${campaign.query};`);
  if (campaign.after !== undefined) output.line(`  only when campaign ${campaign.after} is done;`);
  if (campaign.hours !== undefined) output.line(`  only from ${formatHours(campaign.hours)};`);
  if (permit.newcomers !== undefined)
    output.line(
      `  and up to ${permit.newcomers.count_max} devices that appear later, until then, and match ${JSON.stringify(permit.newcomers.criteria)};`,
    );
  if (permit.control_count !== undefined)
    output.line(`  ${permit.control_count} of them are held back to the end: the others are compared with them;`);
  output.line(
    `  halts by itself above ${permit.halt.failed_share_max * 100} % failed or ${permit.halt.missing_share_max * 100} % missing in a wave.`,
  );
}

/** Nobody signs by accident: without a terminal to ask on, --yes must be said. */
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CliError("ERR_CLI_USAGE", "there is no terminal to ask on; say --yes to sign without being asked");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `);
  prompt.close();
  if (!/^y(es)?$/i.test(answer)) throw new CliError("ERR_CLI_USAGE", "not signed");
}
