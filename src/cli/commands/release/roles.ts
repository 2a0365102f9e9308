/** `edict release rotate | delegate | revoke | renew`: who signs for what, and until when. */
import type { Command } from "commander";
import { delegate, renew, revoke, rotate } from "../../../depot/repository/changes.ts";
import { viewOf } from "../../../depot/repository/describe.ts";
import { act } from "../../act.ts";
import type { Context } from "../../context.ts";
import { readHolders } from "../../release/role-keys.ts";
import { change as changing, withChange, type WorkplaceOptions } from "../../release/workplace.ts";

/** The change is all that these commands print. */
async function change(
  context: Context,
  ...given: Parameters<typeof changing> extends [Context, ...infer Rest] ? Rest : never
): Promise<void> {
  context.output.result(await changing(context, ...given));
}

const HOLDERS = "how many must sign, and whose keys: 2:ann.pem,bob.pem,cyd.pem";

export function addRoles(release: Command): void {
  const rotating = release
    .command("rotate")
    .description("give a role (root, targets, snapshot, timestamp, or a delegated one) other keys; devices follow by themselves")
    .argument("<role>")
    .requiredOption("--to <holders>", HOLDERS);
  act<WorkplaceOptions & { to: string }>(withChange(rotating), (context, options, role = "") =>
    change(context, options, async (repository, _, nowMs) => rotate(repository, role, await readHolders(options.to), nowMs)),
  );

  const delegating = release
    .command("delegate")
    .description("give one model to people of its own: new releases of it are theirs to sign")
    .argument("<role>", "a name for the role")
    .requiredOption("--vendor <name>", "who makes it")
    .requiredOption("--model <name>", "the software's name")
    .requiredOption("--to <holders>", HOLDERS);
  act<WorkplaceOptions & { to: string; vendor: string; model: string }>(withChange(delegating), (context, options, role = "") => {
    const { vendor, model, to } = options;
    return change(context, options, async (repository, _, nowMs) => {
      return delegate(repository, { role, vendor, model, ...(await readHolders(to)) }, nowMs);
    });
  });

  const revoking = release
    .command("revoke")
    .description("take a delegation back: what it released is known no longer, devices keep what they run")
    .argument("<role>");
  act<WorkplaceOptions>(withChange(revoking), (context, options, role = "") =>
    change(context, options, (repository, _, nowMs) => revoke(repository, role, nowMs)),
  );

  const renewing = release
    .command("renew")
    .description("sign the same content for another term; snapshot and timestamp are renewed with every change")
    .argument("[role...]", "default: those that expire soon")
    .option("--within <days>", "what soon is", "30");
  act<WorkplaceOptions & { within: string }>(withChange(renewing), (context, options, ...roles) =>
    change(context, options, (repository, _, nowMs) => {
      const due = viewOf(repository, nowMs).filter(({ daysLeft }) => daysLeft < Number(options.within));
      return renew(repository, roles.length > 0 ? roles : due.map(({ role }) => role), nowMs);
    }),
  );
}
