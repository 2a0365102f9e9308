/** `edict release show | verify | mirror`: what stands in a repository, whether devices believe it, and a depot's copy of it. */
import type { Command } from "commander";
import { join } from "node:path";
import { mirrorRepository, verifyRepository } from "../../../depot/mirror.ts";
import { type RoleView, viewOf } from "../../../depot/repository/describe.ts";
import { readRepository, releasesOf } from "../../../depot/repository/read.ts";
import { act } from "../../act.ts";
import { EXIT } from "../../errors.ts";
import { openWorkplace, readBytes, withWorkplace, type Workplace, type WorkplaceOptions } from "../../release/workplace.ts";

export function addLook(release: Command): void {
  addShow(release);
  const verifying = release.command("verify").description("check a repository as a device would, and every blob's digest");
  act<WorkplaceOptions>(withWorkplace(verifying), async (context, options) => {
    const workplace = openWorkplace(context, options);
    const releases = await verifyRepository(workplace.dir, { trustedRoot: rootOf(workplace), clock: { nowMs: Date.now } });
    context.output.line(`${workplace.dir} verifies: ${releases.length} releases, every blob intact.`);
    context.output.result({ repository: workplace.dir, ok: true, releases });
  });

  const mirroring = release
    .command("mirror")
    .description("copy a manufacturer's repository into the depot, after verifying it as a device would")
    .argument("<from>", "a folder with metadata/ and blobs/")
    .option("--pinned <file>", "root metadata that it is verified from (default: the depot's own first)");
  act<{ pinned?: string }>(mirroring, async ({ paths, output }, { pinned }, from = "") => {
    const trustedRoot = readBytes(pinned ?? firstRootIn(paths.depot));
    const releases = await mirrorRepository(from, paths.depot, { trustedRoot, clock: { nowMs: Date.now } });
    output.line(`${paths.depot} holds the ${releases.length} releases of ${from}.`);
    output.result({ depot: paths.depot, releases });
  });
}

function addShow(release: Command): void {
  const command = release
    .command("show")
    .description("who signed what, until when, and which releases there are; status 5 when something expires soon")
    .option("--warn <days>", "what soon is", "14");
  act<WorkplaceOptions & { warn: string }>(withWorkplace(command), async ({ output, ...context }, options) => {
    const workplace = openWorkplace({ output, ...context }, options);
    const repository = await readRepository(workplace.dir, workplace);
    const roles = viewOf(repository, Date.now()).map((view) => ({ ...view, isDue: view.daysLeft < Number(options.warn) }));
    for (const view of roles) output.line(lineOf(view));
    const releases = releasesOf(repository.targets);
    for (const {
      role,
      release: { vendor, name, version, counter, sha256 },
    } of releases)
      output.line(`${vendor} ${name} ${version} (counter ${counter}, by ${role}) sha256 ${sha256}`);
    const due = roles.filter(({ isDue }) => isDue).map(({ role }) => role);
    if (due.length > 0) {
      output.line(`Next: edict release renew ${due.join(" ")}`);
      process.exitCode = EXIT.alarm;
    }
    output.result({ repository: workplace.dir, roles, releases, due });
  });
}

function lineOf({ role, version, expires, daysLeft, threshold, signed, others, isDue }: RoleView & { readonly isDue: boolean }): string {
  const term = daysLeft < 0 ? `EXPIRED ${expires}` : `until ${expires} (${daysLeft} days)`;
  return `${role} ${version}: ${isDue ? "RENEW, " : ""}${term}; signed by ${signed.join(", ")}, ${threshold} needed${others.length > 0 ? `; not by ${others.join(", ")}` : ""}`;
}

function rootOf({ trustedRoot, dir }: Workplace): Uint8Array {
  return trustedRoot ?? readBytes(firstRootIn(dir));
}

function firstRootIn(dir: string): string {
  return join(dir, "metadata", "1.root.json");
}
