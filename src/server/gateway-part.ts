/**
 * One part of the gateway as a process of its own: it holds channels and nothing else. It finds the manager by the state
 * directory that both read, goes on holding its channels while the manager is away, and shares its port with the other parts.
 */
import type { Logger } from "pino";
import { SocketBackplane } from "../channel/backplane/socket/client.ts";
import { startGateway } from "../channel/gateway/index.ts";
import { STATS_MS } from "../channel/limits.ts";
import type { Clock } from "../trust/clock.ts";
import { GOODBYE_DELAY_MS } from "./limits.ts";
import { readState } from "./state-directory.ts";

export interface GatewayPartOptions {
  readonly directory: string;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
  /** The port that the first part got; undefined takes what the state directory says. */
  readonly port?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface GatewayPart {
  readonly port: number;
  stop(): Promise<void>;
}

/** Resolves when the manager was found, every order is known and the port is open. */
export async function startGatewayPart({ directory, part, parts, port, clock, log }: GatewayPartOptions): Promise<GatewayPart> {
  const state = readState(directory);
  const name = `gateway-1/${part}`;
  const backplane = new SocketBackplane({ path: state.paths.backplane, part: name, log });
  await backplane.start();
  const gateway = await startGateway({
    name,
    hostname: state.config.gateway.hostname,
    port: port ?? state.config.gateway.port,
    parts,
    tls: state.tls,
    director: state.director,
    backplane,
    clock,
    log,
  });
  backplane.tellStats(gateway.stats());
  const telling = setInterval(() => backplane.tellStats(gateway.stats()), STATS_MS);
  return {
    port: gateway.port,
    stop: async () => {
      clearInterval(telling);
      await gateway.stop({ delayMs: GOODBYE_DELAY_MS });
      backplane.stop();
    },
  };
}
