/** `edict serve`: the manager with its gateway, its depot and the management API, until it is told to end. */
import type { Command } from "commander";
import pino from "pino";
import { startManager } from "../../server/manager.ts";
import { act } from "../act.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("run the manager, the gateway, the depot and the management API")
    .option("--no-gateway", "without a gateway: `edict gateway` holds the channels")
    .option("--log <level>", "trace, debug, info, warn, error or silent; to standard error", "info");
  act<{ log: string; gateway: boolean }>(command, async ({ paths, output }, options) => {
    const log = pino({ level: options.log }, pino.destination({ dest: 2, sync: false }));
    const manager = await startManager({
      directory: paths.directory,
      hasGateway: options.gateway,
      clock: { nowMs: Date.now },
      random: Math.random,
      log,
    });
    const { gateway, depot, api, openc2 } = manager.ports;
    const upstream = openc2 === undefined ? "" : `, upstream OpenC2 on ${openc2}`;
    output.line(`Serving ${paths.directory}: gateway on ${gateway}, depot on ${depot}, API on ${api}${upstream}. Ctrl-C ends it.`);
    output.result({ pid: process.pid, ...manager.ports });
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await manager.stop();
  });
}
