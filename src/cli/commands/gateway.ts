/** `edict gateway`: the gateway apart from the manager, in as many worker processes as there are cores for it. */
import { type Command, InvalidArgumentError, Option } from "commander";
import pino from "pino";
import { WORKERS_MAX } from "../../channel/limits.ts";
import { startGatewayPart } from "../../server/gateway-part.ts";
import { act } from "../act.ts";
import { type Listening, Workers } from "../workers.ts";
import { addGatewayTop } from "./gateway-top.ts";

export function addGateway(program: Command): void {
  const command = program
    .command("gateway")
    .description("hold channels in processes of their own, beside `edict serve --no-gateway`")
    .option("--workers <number>", `processes that share the port, at most ${WORKERS_MAX}`, count, 1)
    .addOption(logOption());
  addGatewayTop(command);
  act<{ workers: number; log: string }>(command, async ({ paths, output }, options) => {
    const workers = new Workers({ directory: paths.directory, count: options.workers, logLevel: options.log });
    const port = await workers.start();
    output.line(`Holding channels on ${port} in ${options.workers} processes. Ctrl-C ends it.`);
    output.result({ pid: process.pid, port, workers: workers.pids });
    await toldToEnd();
    await workers.stop();
  });
}

/** One worker: not for people. It ends when its standard input does, so that none outlives the command that started it. */
export function addGatewayWorker(program: Command): void {
  const command = program
    .command("gateway-worker", { hidden: true })
    .requiredOption("--part <number>", "", count)
    .requiredOption("--parts <number>", "", count)
    .option("--port <port>", "", Number)
    .addOption(logOption());
  act<{ part: number; parts: number; port?: number; log: string }>(command, async ({ paths }, { part, parts, port, log: level }) => {
    const log = pino({ level }, pino.destination({ dest: 2, sync: false })).child({ part });
    const running = await startGatewayPart({
      directory: paths.directory,
      part,
      parts,
      ...(port !== undefined && { port }),
      clock: { nowMs: Date.now },
      log,
    });
    console.log(JSON.stringify({ port: running.port } satisfies Listening));
    await Promise.race([toldToEnd(), endOfInput()]);
    await running.stop();
    process.exit(0);
  });
}

function logOption(): Option {
  return new Option("--log <level>", "trace, debug, info, warn, error or silent; to standard error").default("info");
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= WORKERS_MAX) return number;
  throw new InvalidArgumentError(`a whole number from 1 to ${WORKERS_MAX}`);
}

function toldToEnd(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGINT", resolve);
  process.once("SIGTERM", resolve);
  return promise;
}

async function endOfInput(): Promise<void> {
  for await (const _chunk of Bun.stdin.stream());
}
