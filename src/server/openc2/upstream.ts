/**
 * The manager as an OpenC2 consumer: upstream orchestrators send it commands over mutual TLS (HTTPS v1.1). What it accepts is on disk
 * before it answers, in a queue of its own. Off unless edict.json says otherwise.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { startConsumer } from "../../channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../channel/consumer/sqlite/command-store.ts";
import { HttpsConsumer } from "../../channel/push/index.ts";
import type { Clock } from "../../trust/clock.ts";
import { ServerError } from "../errors.ts";
import { UPSTREAM_RATE_PER_MINUTE } from "../limits.ts";
import type { ManagementService } from "../management-service.ts";
import type { State } from "../state-directory.ts";
import { type UpstreamConfig, upstreamHandlers } from "./handlers.ts";

export interface Upstream {
  readonly port: number;
  stop(): Promise<void>;
}

interface UpstreamPorts {
  readonly state: State;
  readonly service: ManagementService;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Throws ERR_SERVER_STATE when the authority's file cannot be read or a producer's author is no person of the director. */
export function startUpstream(config: UpstreamConfig, { state, service, clock, random, log }: UpstreamPorts): Upstream {
  const caPem = readAuthority(config, state);
  const producers = new Set(config.producers.map(({ name }) => name));
  const store = new SqliteCommandStore(state.paths.upstreamQueue);
  const consumer = startConsumer({
    names: [state.config.producer],
    handlers: upstreamHandlers({ state, config, service, clock }),
    store,
    // Which producers come this far is decided at the door, by their certificates.
    authorise: () => 200,
    ratePerMinute: UPSTREAM_RATE_PER_MINUTE,
    observe: (event) => (event.kind === "fault" ? log.error({ err: event.cause }, "fault") : log.info(event, "command")),
  });
  const { hostname, port } = config;
  const listener = new HttpsConsumer({
    hostname,
    port,
    tls: { ...state.tls, caPem },
    consumer,
    isAllowed: (peer) => producers.has(peer),
    clock,
    random,
    log,
  });
  return {
    port: listener.port,
    stop: async () => {
      await listener.stop();
      consumer.stop();
      store.close();
    },
  };
}

function readAuthority({ authority, producers }: UpstreamConfig, { paths, director }: State): string {
  const people = new Set(Object.values(director.keys).map(({ person }) => person));
  const stranger = producers.find(({ author }) => !people.has(author));
  if (stranger !== undefined)
    throw new ServerError(
      "ERR_SERVER_STATE",
      `edict.json: "${stranger.author}", who answers for ${stranger.name}, has no key of the director`,
    );
  try {
    return readFileSync(join(paths.directory, authority), "utf8");
  } catch (cause) {
    throw new ServerError("ERR_SERVER_STATE", `edict.json: the authority of upstream orchestrators, ${authority}, cannot be read`, {
      cause,
    });
  }
}
