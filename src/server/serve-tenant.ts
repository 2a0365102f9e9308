/**
 * Opens one tenant's ports and keeps its clockwork going: gateway, depot, management API, upstream OpenC2. What was opened is closed in
 * the reverse order, also when a later port turns out to be taken.
 */
import { rmSync, writeFileSync } from "node:fs";
import type { Logger } from "pino";
import type { Driver } from "../campaign/driver.ts";
import { startGateway } from "../channel/gateway/index.ts";
import { startDepot } from "../depot/server.ts";
import { IMPORT_BYTES_MAX } from "../fleet/limits.ts";
import type { Clock } from "../trust/clock.ts";
import { DeltaBook } from "./delta-book.ts";
import { DownloadRecorder } from "./download-recorder.ts";
import { ServerError } from "./errors.ts";
import { API_ANSWER_SECONDS_MAX, GOODBYE_DELAY_MS, TICK_MS } from "./limits.ts";
import { startUpstream } from "./openc2/upstream.ts";
import type { Running, State } from "./state-directory.ts";
import { openTenant, type Tenant } from "./tenant.ts";

export interface ServedTenant {
  readonly tenant: string;
  readonly directory: string;
  readonly ports: Omit<Running, "pid">;
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** False when `edict gateway` holds the channels in processes of its own. */
  readonly hasGateway: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Throws ERR_SERVER_STATE, ERR_SERVER_PORT. */
export async function serveTenant(state: State, options: ServeOptions): Promise<ServedTenant> {
  const { hasGateway, clock, log } = options;
  await using opened = new AsyncDisposableStack();
  // The last thing that goes: until then no other server may take the directory.
  opened.defer(() => rmSync(state.paths.running, { force: true }));
  const tenant = await openTenant(state, clock, log);
  const { database, imports, backplane, apart, depotWatch, releases, driver, service, watch } = tenant;
  opened.defer(() => database.close());
  opened.defer(() => imports.stop());
  opened.defer(() => {
    backplane.stop();
    apart.stop();
  });
  const gateway = hasGateway ? await openGateway(tenant, options) : undefined;
  if (gateway !== undefined) {
    opened.defer(() => gateway.stop({ delayMs: GOODBYE_DELAY_MS }));
    watch.add(gateway);
  }
  const depot = await openDepot(tenant, options, opened);
  const api = await openApi(tenant);
  opened.defer(() => api.stop(true));
  const upstream = await openUpstream(tenant, options);
  opened.defer(() => upstream?.stop());
  const ports = {
    gateway: gateway?.port ?? state.config.gateway.port,
    depot: depot.port,
    api: api.port ?? 0,
    ...(upstream && { openc2: upstream.port }),
  };
  service.listensOn(ports);
  imports.resume();
  backplane.start();
  apart.start();
  const ticker = setInterval(() => {
    depotWatch.note(depot.figures(), clock.nowMs());
    void releases.look();
    tick(driver, log);
  }, TICK_MS);
  opened.defer(() => clearInterval(ticker));
  writeFileSync(state.paths.running, JSON.stringify({ pid: process.pid, ...ports } satisfies Running));
  log.info(ports, "serving");
  const closing = opened.move();
  return { tenant: state.config.tenant, directory: state.paths.directory, ports, stop: () => closing.disposeAsync() };
}

function openGateway({ state, backplane }: Tenant, { clock, log }: ServeOptions) {
  const { config, tls, director } = state;
  return listening("gateway", config.gateway, () =>
    startGateway({ name: "gateway-1", ...config.gateway, tls, director, backplane, clock, log: log.child({ part: "gateway" }) }),
  );
}

async function openDepot({ state, intake, fleet, depotWatch }: Tenant, { clock, random, log }: ServeOptions, opened: AsyncDisposableStack) {
  const { config, paths, tls } = state;
  const downloads = new DownloadRecorder({ intake, fleet, watch: depotWatch, deltas: new DeltaBook(paths.depot) });
  opened.defer(() => downloads.flush());
  const depot = await listening("depot", config.depot, () =>
    startDepot({
      ...config.depot,
      limits: config.depotLimits,
      dir: paths.depot,
      tls,
      clock,
      random,
      log: log.child({ part: "depot" }),
      onDownload: (record) => downloads.add(record),
    }),
  );
  opened.defer(() => depot.stop());
  return depot;
}

function openApi({ state, api }: Tenant) {
  const { config, tls } = state;
  return listening("api", config.api, () =>
    Bun.serve({
      ...config.api,
      maxRequestBodySize: IMPORT_BYTES_MAX,
      tls: { cert: tls.certPem, key: tls.keyPem },
      fetch: (request, server) => {
        // The runtime hangs up on whatever is silent for ten seconds: on requests it shall, on answers in the making it shall not.
        server.timeout(request, API_ANSWER_SECONDS_MAX);
        return api.fetch(request);
      },
    }),
  );
}

async function openUpstream({ state, service }: Tenant, { clock, random, log }: ServeOptions) {
  const { openc2 } = state.config;
  if (openc2 === undefined) return undefined;
  return listening("openc2", openc2, () => startUpstream(openc2, { state, service, clock, random, log: log.child({ part: "openc2" }) }));
}

async function listening<T>(
  member: string,
  at: { readonly hostname: string; readonly port: number },
  open: () => T | Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")) throw cause;
    throw new ServerError("ERR_SERVER_PORT", `${at.hostname}:${at.port}, "${member}" in edict.json, is taken`, { cause });
  }
}

/** A tick that fails is logged and tried again: the next one plans from the same stored facts. */
function tick(driver: Driver, log: Logger): void {
  try {
    driver.tick();
  } catch (error) {
    log.error({ err: error }, "the clockwork failed this time");
  }
}
