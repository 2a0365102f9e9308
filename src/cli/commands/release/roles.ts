/** `edict release rotate | delegate | revoke | renew`: who signs for what, and until when. */
import type { Command } from "commander";
import { delegate, renew, revoke, rotate } from "../../../depot/repository/changes.ts";
import { viewOf } from "../../../depot/repository/describe.ts";
import { act } from "../../act.ts";
import { readHolders } from "../../release/role-keys.ts";
import { change, withChange, type WorkplaceOptions } from "../../release/workplace.ts";

interface ToOptions extends WorkplaceOptions {
  readonly to: string;
}

interface DelegateOptions extends ToOptions {
  readonly vendor: string;
  readonly model: string;
}

interface RenewOptions extends WorkplaceOptions {
  readonly within: string;
}

const HOLDERS = "how many must sign, and whose keys: 2:ann.pem,bob.pem,cyd.pem";

export function addRoles(release: Command): void {
  addRotate(release);
  addDelegate(release);
  addRevoke(release);
  addRenew(release);
}

function addRotate(release: Command): void {
  const command = release
    .command("rotate")
    .description("give a role (root, targets, snapshot, timestamp, or a delegated one) other keys; devices follow by themselves")
    .argument("<role>")
    .requiredOption("--to <holders>", HOLDERS);
  act<ToOptions>(withChange(command), async (context, options, role = "") => {
    const people = await readHolders(options.to);
    context.output.result(await change(context, options, (repository, _, nowMs) => rotate(repository, role, people, nowMs)));
  });
}

function addDelegate(release: Command): void {
  const command = release
    .command("delegate")
    .description("give one model to people of its own: new releases of it are theirs to sign")
    .argument("<role>", "a name for the role")
    .requiredOption("--vendor <name>", "who makes it")
    .requiredOption("--model <name>", "the software's name")
    .requiredOption("--to <holders>", HOLDERS);
  act<DelegateOptions>(withChange(command), async (context, options, role = "") => {
    const order = { role, vendor: options.vendor, model: options.model, ...(await readHolders(options.to)) };
    context.output.result(await change(context, options, (repository, _, nowMs) => delegate(repository, order, nowMs)));
  });
}

function addRevoke(release: Command): void {
  const command = release
    .command("revoke")
    .description("take a delegation back: what it released is known no longer, devices keep what they run")
    .argument("<role>");
  act<WorkplaceOptions>(withChange(command), async (context, options, role = "") => {
    context.output.result(await change(context, options, (repository, _, nowMs) => revoke(repository, role, nowMs)));
  });
}

function addRenew(release: Command): void {
  const command = release
    .command("renew")
    .description("sign the same content for another term; snapshot and timestamp are renewed with every change")
    .argument("[role...]", "default: those that expire soon")
    .option("--within <days>", "what soon is", "30");
  act<RenewOptions>(withChange(command), async (context, options, ...roles) => {
    const result = await change(context, options, (repository, _, nowMs) => {
      const due = viewOf(repository, nowMs).filter(({ daysLeft }) => daysLeft < Number(options.within));
      return renew(repository, roles.length > 0 ? roles : due.map(({ role }) => role), nowMs);
    });
    context.output.result(result);
  });
}
