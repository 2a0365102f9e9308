/** `edict release`: the manufacturer's image repository, from its first key to its last renewal (docs/operate/release.md). */
import type { Command } from "commander";
import { addBundles } from "./bundles.ts";
import { addCreate } from "./create.ts";
import { addLook } from "./look.ts";
import { addNow } from "./now.ts";
import { addRoles } from "./roles.ts";
import { addWithdraw } from "./withdraw.ts";

export function addRelease(program: Command): void {
  const release = program
    .command("release")
    .description("publish releases: bytes by digest, metadata signed with the manufacturer's keys (TUF)");
  for (const add of [addNow, addWithdraw, addLook, addRoles, addCreate, addBundles]) add(release);
}
