/** `edict serve`: the manager with its gateway, its depot and the management API, until it is told to end. */
import { resolve } from "node:path";
import type { Command } from "commander";
import pino from "pino";
import { startManager } from "../../server/manager.ts";
import type { ServedTenant } from "../../server/serve-tenant.ts";
import { act } from "../act.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("run the manager, the gateway, the depot and the management API")
    .option("--also-tenant <dir...>", "state directories of further tenants, each with its own ports (docs/operate/tenants.md)", [])
    .option("--no-gateway", "without a gateway: `edict gateway` holds the channels")
    .option("--log <level>", "trace, debug, info, warn, error or silent; to standard error", "info");
  act<{ log: string; gateway: boolean; alsoTenant: string[] }>(command, async ({ paths, output }, options) => {
    const log = pino({ level: options.log }, pino.destination({ dest: 2, sync: false }));
    const manager = await startManager({
      directory: paths.directory,
      alsoTenants: options.alsoTenant.map((directory) => resolve(directory)),
      hasGateway: options.gateway,
      clock: { nowMs: Date.now },
      random: Math.random,
      log,
    });
    output.line([manager, ...manager.others].map(described).join("\n"));
    output.line("Ctrl-C ends it.");
    const others = manager.others.map(({ tenant, directory, ports }) => ({ tenant, state: directory, ...ports }));
    output.result({ pid: process.pid, ...manager.ports, ...(others.length > 0 && { others }) });
    await new Promise<void>((end) => {
      process.once("SIGINT", end);
      process.once("SIGTERM", end);
    });
    await manager.stop();
  });
}

function described({ tenant, directory, ports: { gateway, depot, api, openc2 } }: ServedTenant): string {
  const upstream = openc2 === undefined ? "" : `, upstream OpenC2 on ${openc2}`;
  return `Serving ${tenant} from ${directory}: gateway on ${gateway}, depot on ${depot}, API on ${api}${upstream}.`;
}
